/** The page's style: a calm Slack, light and dark, from phone to desktop. Sent as it stands. */
export const PAGE_STYLE = `
:root {
  color-scheme: light dark;
  --page: #fff; --raised: #fff; --soft: #f6f6f6; --line: #dddddd; --text: #1d1c1d; --quiet: #5f5e60;
  --link: #0b5cad; --primary: #007a5a; --primary-text: #fff; --danger: #c01343; --danger-text: #fff;
  --bar: #3f0e40; --bar-text: #fff; --nav: #4a154b; --nav-text: #e9dfe9; --here: #1164a3;
  --code: #b3124a; --mention: #e8f5fa; --mention-text: #0b5184; --private: #f8f3e6; --error: #b3124a; --focus: #1264a3;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #1a1d21; --raised: #222529; --soft: #24272c; --line: #3b3f45; --text: #d1d2d3; --quiet: #a3a5a8;
    --link: #62b0ec; --primary: #007a5a; --primary-text: #fff; --danger: #d2224f; --danger-text: #fff;
    --bar: #121016; --bar-text: #e8e8e8; --nav: #19171d; --nav-text: #c9c7cc; --here: #1164a3;
    --code: #f08db0; --mention: #17384f; --mention-text: #8ecbf5; --private: #2a2721; --error: #ff8aa8; --focus: #62b0ec;
  }
}
* { box-sizing: border-box; }
[hidden] { display: none !important; }
html, body { height: 100%; margin: 0; }
body { display: flex; flex-direction: column; background: var(--page); color: var(--text); overflow: hidden;
  font: 15px/1.46 Lato, "Segoe UI", system-ui, -apple-system, "Noto Sans", sans-serif; }
button, input, select, textarea { font: inherit; color: inherit; }
:focus-visible { outline: 2px solid var(--focus); outline-offset: 2px; }
.hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
a { color: var(--link); text-decoration: none; } a:hover { text-decoration: underline; }
.message a, .modal a { text-decoration: underline; text-underline-offset: 2px; }

.bar { display: flex; justify-content: space-between; align-items: center; gap: 12px; padding: 6px 16px; background: var(--bar); color: var(--bar-text); }
.bar select { margin-left: 6px; padding: 4px 8px; border: 1px solid #ffffff55; border-radius: 6px; background: var(--bar); color: var(--bar-text); max-width: 55vw; }
.layout { flex: 1; display: flex; min-height: 0; }
nav { width: 220px; padding: 12px 8px; background: var(--nav); display: flex; flex-direction: column; gap: 2px; }
nav a { padding: 4px 12px; border-radius: 6px; color: var(--nav-text); white-space: nowrap; }
nav a[aria-current] { background: var(--here); color: #fff; }
main { flex: 1; min-width: 0; min-height: 0; display: flex; flex-direction: column; }
h1 { margin: 0; padding: 11px 20px; font-size: 18px; line-height: 1.3; border-bottom: 1px solid var(--line); }
#scroll { flex: 1; overflow-y: auto; overscroll-behavior: contain; padding: 12px 0; }
#scroll:focus-visible { outline-offset: -2px; }
.home { padding: 4px 20px; max-width: 760px; } .empty { color: var(--quiet); }

.message { display: flex; gap: 8px; padding: 8px max(20px, 100% - 860px) 8px 20px; }
.message:hover { background: var(--soft); }
.message.private { background: var(--private); }
.avatar { flex: none; width: 36px; height: 36px; border-radius: 6px; display: grid; place-items: center; font-weight: 700; background: #5b6b7b; color: #fff; }
.avatar.bot { background: #1f2937; color: #7ee2b8; }
.body { flex: 1; min-width: 0; overflow-wrap: anywhere; }
.body > header { display: flex; align-items: baseline; gap: 6px; }
.body > header time, .edited, .only { color: var(--quiet); font-size: 12px; }
.app { font-size: 10px; font-weight: 700; padding: 0 4px; border-radius: 3px; background: var(--line); color: var(--text); align-self: center; }
.content > .block:first-child { margin-top: 2px; }
.reactions { display: flex; gap: 4px; margin-top: 4px; } .reactions span { border: 1px solid var(--line); border-radius: 12px; padding: 0 8px; font-size: 12px; }
.thread { margin-top: 6px; } .thread > summary { width: fit-content; color: var(--link); font-size: 13px; font-weight: 700; cursor: pointer; padding: 2px 4px; border-radius: 4px; }
.thread .message { padding: 6px 0 6px 8px !important; border-left: 2px solid var(--line); } .thread .avatar { width: 24px; height: 24px; font-size: 12px; }

.block { margin: 8px 0; }
h3.block { font-size: 18px; line-height: 1.35; margin: 6px 0; }
hr.block { border: 0; border-top: 1px solid var(--line); margin: 12px 0; }
.section { display: flex; gap: 16px; align-items: flex-start; } .section .text { flex: 1; min-width: 0; } .accessory { flex: none; max-width: 45%; }
.fields { display: grid; grid-template-columns: 1fr 1fr; gap: 8px 16px; margin-top: 4px; }
.context { display: flex; flex-wrap: wrap; gap: 4px 10px; color: var(--quiet); font-size: 13px; }
.picture { border: 1px solid var(--line); border-radius: 4px; padding: 0 6px; font-size: 12px; }
.actions { display: flex; flex-wrap: wrap; gap: 8px; align-items: flex-start; }
.rich p { margin: 0; } .rich ul, .rich ol { margin: 4px 0; padding-left: 24px; }
code { font: 12.5px/1.5 ui-monospace, "SF Mono", Menlo, Consolas, monospace; color: var(--code); background: var(--soft); border: 1px solid var(--line); border-radius: 3px; padding: 1px 3px; }
pre { font: 12.5px/1.5 ui-monospace, "SF Mono", Menlo, Consolas, monospace; background: var(--soft); border: 1px solid var(--line); border-radius: 4px; padding: 8px; margin: 4px 0; white-space: pre-wrap; overflow-wrap: anywhere; }
blockquote { margin: 4px 0; padding-left: 12px; border-left: 4px solid var(--line); }
.mention { background: var(--mention); color: var(--mention-text); border-radius: 3px; padding: 0 2px; }

.button { border: 1px solid var(--line); border-radius: 6px; padding: 5px 12px; font-weight: 700; font-size: 14px; background: var(--raised); cursor: pointer; max-width: 100%; overflow-wrap: anywhere; }
.button:hover { background: var(--soft); }
.button.primary { background: var(--primary); border-color: var(--primary); color: var(--primary-text); }
.button.danger { background: var(--danger); border-color: var(--danger); color: var(--danger-text); }
.button.primary:hover, .button.danger:hover { filter: brightness(1.08); }
.button[disabled] { opacity: .55; cursor: default; }
[aria-busy="true"].button { cursor: progress; }
[aria-busy="true"].button::after { content: ""; display: inline-block; width: 11px; height: 11px; margin-left: 8px; border: 2px solid currentColor; border-right-color: transparent; border-radius: 50%; animation: spin .8s linear infinite; vertical-align: -1px; }
@keyframes spin { to { transform: rotate(360deg); } }
@media (prefers-reduced-motion: reduce) { [aria-busy="true"].button::after { animation-duration: 4s; } }
.overflow { position: relative; } .overflow > summary { list-style: none; display: inline-block; } .overflow > summary::-webkit-details-marker { display: none; }
.overflow [role=menu] { position: absolute; z-index: 5; top: calc(100% + 4px); left: 0; min-width: 200px; width: max-content; max-width: min(320px, 75vw); padding: 8px 0; background: var(--raised); border: 1px solid var(--line); border-radius: 8px; box-shadow: 0 6px 20px #0004; }
.accessory .overflow [role=menu] { left: auto; right: 0; }
.overflow [role=menuitem] { display: block; width: 100%; padding: 5px 16px; text-align: left; border: 0; background: none; cursor: pointer; }
.overflow [role=menuitem]:hover, .overflow [role=menuitem]:focus-visible { background: var(--here); color: #fff; }
small { display: block; color: var(--quiet); }
input[type=text], textarea, .message select, .modal select, .home select { width: 100%; padding: 8px 12px; border: 1px solid #868686; border-radius: 6px; background: var(--page); color: var(--text); }
.actions select { width: auto; max-width: 100%; }
[aria-invalid="true"] { border-color: var(--error) !important; }
.label { display: block; font-weight: 700; margin-bottom: 6px; } .optional { font-weight: 400; color: var(--quiet); }
.hint { margin: 4px 0 0; font-size: 13px; color: var(--quiet); } .error { margin: 4px 0 0; font-size: 14px; font-weight: 700; color: var(--error); }
.choice { display: flex; gap: 8px; margin: 4px 0; } .choice input { margin-top: 4px; }

dialog { padding: 0; border: 1px solid var(--line); border-radius: 10px; background: var(--raised); color: var(--text); width: min(520px, calc(100vw - 24px)); max-height: calc(100dvh - 32px); box-shadow: 0 12px 40px #0006; }
dialog::backdrop { background: #0008; }
#modal[open] { display: flex; flex-direction: column; overflow: hidden; }
.modal { display: flex; flex-direction: column; min-height: 0; flex: 1; }
.modal > header { display: flex; justify-content: space-between; align-items: center; gap: 12px; padding: 14px 20px; border-bottom: 1px solid var(--line); }
.modal h2, #confirm h2 { margin: 0; font-size: 20px; } .modal h2:focus { outline: none; }
.modal-body { padding: 8px 20px; overflow-y: auto; overflow-wrap: anywhere; min-height: 0; }
.modal > footer, #confirm footer { display: flex; justify-content: flex-end; gap: 10px; padding: 14px 20px; border-top: 1px solid var(--line); }
.field { margin: 16px 0; }
.close { border: 0; background: none; cursor: pointer; padding: 4px 8px; border-radius: 6px; } .close:hover { background: var(--soft); }
#confirm h2 { padding: 16px 20px 0; } #confirm p { padding: 0 20px; white-space: pre-wrap; overflow-wrap: anywhere; } #confirm { width: min(420px, calc(100vw - 24px)); }
#notices { position: fixed; z-index: 9; left: 0; right: 0; bottom: 76px; display: flex; flex-direction: column; align-items: center; gap: 8px; pointer-events: none; }
#notices:empty { display: none; }
#modal > #notices { position: static; padding: 0 20px 12px; }
#notices > div { pointer-events: auto; display: flex; align-items: center; gap: 8px; max-width: calc(100vw - 24px); padding: 6px 8px 6px 14px; border-radius: 8px; background: #2c2d30; color: #fff; border: 1px solid #565856; }
#notices .close:hover { background: #444; }
#composer { display: flex; gap: 8px; padding: 8px 20px 16px; } #composer .button { flex: none; }

@media (max-width: 640px) {
  .bar { padding: 6px 12px; } .bar strong { display: none; } .bar label { flex: 1; display: flex; align-items: center; white-space: nowrap; } .bar select { flex: 1; max-width: none; }
  .layout { flex-direction: column; }
  nav { flex: none; width: auto; flex-direction: row; overflow-x: auto; padding: 6px 8px; }
  h1 { padding: 8px 12px; font-size: 16px; }
  .message { padding: 8px 12px; } .avatar { width: 28px; height: 28px; } .home { padding: 4px 12px; }
  .fields { grid-template-columns: 1fr; }
  .section { flex-wrap: wrap; } .section .text { flex-basis: 100%; } .accessory { max-width: 100%; } .accessory .overflow [role=menu] { right: auto; left: 0; }
  .button { padding: 8px 14px; }
  #composer { padding: 8px 12px 12px; }
}
`;
