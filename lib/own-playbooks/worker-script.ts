/**
 * What the thread of one playbook runs, as CommonJS. `workerData`: the compiled `script`, whose global is `own`, and
 * `looks`, each the JSON of `[evidence, facts]`. Posts one text: the JSON of what the playbook is and of what it said
 * about each look, or why it cannot be asked; before that an empty one, when its time begins.
 *
 * The playbook lives in a context that knows the language and nothing else: no modules, no process, no timers, no clock,
 * no chance. Only texts cross its border. That keeps mistakes in; it is no prison for somebody's malice.
 */
export const workerScript = `'use strict';
const { parentPort, workerData } = require('node:worker_threads');
const vm = require('node:vm');
const context = vm.createContext(Object.create(null), { codeGeneration: { strings: false, wasm: false } });
const run = (code, filename) => vm.runInContext(code, context, { filename });
const why = (error) => ({ message: String(error?.message ?? error), stack: String(error?.stack ?? '') });
parentPort.postMessage('');
let said;
try {
  run(\`{
    const no = (what) => () => { throw new Error('a playbook has no ' + what); };
    const Real = Date;
    const Still = function Date(...given) {
      if (given.length === 0 || new.target === undefined) no('clock: take evidence.collectedAt')();
      return new Real(...given);
    };
    Still.parse = Real.parse;
    Still.UTC = Real.UTC;
    Still.now = no('clock: take evidence.collectedAt');
    Still.prototype = Real.prototype;
    Real.prototype.constructor = Still;
    globalThis.Date = Still;
    Math.random = no('chance: the same evidence leads to the same findings');
  }\`, 'prelude.js');
  run(workerData.script, 'own.js');
  const is = JSON.parse(run(\`JSON.stringify({
    kind: typeof own?.playbook,
    name: own?.playbook?.name,
    page: own?.playbook?.page,
    diagnose: typeof own?.playbook?.diagnose,
  })\`, 'is.js'));
  const answers = workerData.looks.map((look) => {
    context.look = look;
    try {
      return { json: String(run('JSON.stringify(own.playbook.diagnose(...JSON.parse(look)))', 'ask.js')) };
    } catch (error) {
      return { error: why(error) };
    }
  });
  said = { is, answers };
} catch (error) {
  said = { error: why(error) };
}
parentPort.postMessage(JSON.stringify(said));
`;
