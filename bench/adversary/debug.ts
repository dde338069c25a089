import { storyOf, tell } from './story.ts';
const why = new Map<string, number>(); const add = (k: string) => why.set(k, (why.get(k) ?? 0) + 1);
for (let n = 1; n <= 100; n++) {
const t: any = await tell(storyOf(n));
for (const s of t.states.values()) { add('inc ' + s.status + ' fails ' + s.diagnosisFailures); for (const o of s.diagnosis?.offers ?? []) for (const g of o.gates) if (g.answer === 'refused') add('offer ' + g.gate + ': ' + g.because.replace(/[0-9:.TZ-]+/g, '#')); 
if (s.diagnosis?.offers.length === 0) add('nooffer'); else add('offers');
for (const p of Object.values(s.plans) as any[]) add(`plan ${p.status} ${p.because.replace(/[0-9:.TZ-]+/g, '#')}`); }
}
for (const [k, v] of [...why].sort((a, b) => b[1] - a[1]).slice(0, 70)) console.log(v, k);
