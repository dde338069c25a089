/**
 * The one style sheet of audit pages and of the local panel. System fonts, light and dark, from 320 px to print;
 * colours carry meaning only beside a word.
 */
export const auditCss = `
:root{color-scheme:light dark;--bg:#f7f7f5;--card:#fff;--ink:#1c1d1f;--soft:#5d6168;--line:#e2e2dd;--link:#1a56b8;
--good:#176b3a;--good-bg:#e4f4ea;--bad:#a8231b;--bad-bg:#fdeae7;--wait:#7d5200;--wait-bg:#fdf2d8;--plain-bg:#ecedee}
@media (prefers-color-scheme:dark){:root{--bg:#131416;--card:#1c1e21;--ink:#e8e8e6;--soft:#a2a7af;--line:#32353a;--link:#8ab8ff;
--good:#7ddca1;--good-bg:#15331f;--bad:#ff9d92;--bad-bg:#45191a;--wait:#f0c46a;--wait-bg:#3b2d0e;--plain-bg:#2a2d31}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0;background:var(--bg);color:var(--ink);font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","DejaVu Sans",sans-serif;overflow-wrap:anywhere}
a{color:var(--link);text-decoration-thickness:1px;text-underline-offset:.15em}
:focus-visible{outline:2px solid var(--link);outline-offset:2px}
.bar{display:flex;flex-wrap:wrap;gap:.25rem 1.5rem;justify-content:space-between;align-items:center;padding:.7rem max(1rem,calc(50vw - 30rem));border-bottom:1px solid var(--line);background:var(--card);font-size:.9rem}
.bar nav a{color:var(--soft);text-decoration:none}
.bar nav a:hover{text-decoration:underline}
.bar nav a:first-child{color:var(--ink);font-weight:650}
.bar nav a+a::before{content:"/";margin:0 .55rem;color:var(--line)}
.viewer{margin:0;color:var(--soft)}
main{max-width:62rem;margin:0 auto;padding:1.75rem 1rem 4rem}
h1{font-size:1.75rem;line-height:1.2;letter-spacing:-.015em;margin:.35rem 0 .4rem;font-weight:680}
h2{font-size:1.1rem;margin:2.4rem 0 .7rem;font-weight:650}
h3{font-size:1rem;margin:0 0 .3rem;font-weight:650}
h4{font-size:.78rem;letter-spacing:.045em;text-transform:uppercase;color:var(--soft);margin:1.2rem 0 .35rem;font-weight:650}
p{margin:.3rem 0 .7rem}
ul,ol{margin:.2rem 0 .7rem;padding-left:1.2rem}
.lead{font-size:1.1rem;max-width:46rem;margin:0 0 1rem}
.soft{color:var(--soft)}
.small{font-size:.86rem}
.kicker{color:var(--soft);font-size:.9rem;margin:0}
code,.mono{font-family:ui-monospace,SFMono-Regular,Menlo,"DejaVu Sans Mono",monospace;font-size:.86em}
.tags{display:flex;flex-wrap:wrap;gap:.4rem;margin:.2rem 0 .6rem}
.tag{display:inline-block;padding:.06rem .55rem;border-radius:1rem;background:var(--plain-bg);font-size:.82rem;font-weight:600;white-space:nowrap}
.good{color:var(--good)}.bad{color:var(--bad)}.wait{color:var(--wait)}
.tag.good{background:var(--good-bg)}.tag.bad{background:var(--bad-bg)}.tag.wait{background:var(--wait-bg)}
.card{background:var(--card);border:1px solid var(--line);border-radius:.6rem;padding:1rem 1.15rem;margin:0 0 .9rem}
.card>:last-child{margin-bottom:0}
.note{border-radius:.5rem;padding:.6rem .9rem;margin:0 0 1rem;background:var(--plain-bg);font-weight:600}
.note.good{background:var(--good-bg)}.note.bad{background:var(--bad-bg)}.note.wait{background:var(--wait-bg)}
.facts{display:grid;grid-template-columns:max-content minmax(0,1fr);gap:.2rem 1.2rem;margin:.2rem 0 .7rem}
.facts dt{color:var(--soft)}
.facts dd{margin:0;white-space:pre-wrap}
.path{display:flex;flex-wrap:wrap;gap:.5rem;padding:0;margin:1.1rem 0 0;list-style:none}
.path li{flex:1 1 7.5rem;border-top:3px solid var(--line);padding:.4rem 0 0;font-size:.9rem}
.path li.good{border-color:var(--good)}.path li.bad{border-color:var(--bad)}.path li.wait{border-color:var(--wait)}
.path b{display:block;color:var(--ink);font-weight:650}
.path span{display:block;color:var(--soft)}
.rows{list-style:none;padding:0;margin:0;border:1px solid var(--line);border-radius:.6rem;background:var(--card)}
.rows li{border-top:1px solid var(--line)}
.rows li:first-child{border-top:0}
.rows a{display:grid;grid-template-columns:9rem minmax(0,1fr) max-content;gap:.1rem 1.2rem;align-items:start;padding:.75rem 1.1rem;color:inherit;text-decoration:none}
.rows a:hover .name{text-decoration:underline}
.rows .name{font-weight:650}
.rows .what{grid-column:2;color:var(--soft)}
.rows .tags{margin:0;justify-content:flex-end;grid-row:1/3;grid-column:3}
.rows time{grid-row:1/3;color:var(--soft);font-size:.86rem;font-variant-numeric:tabular-nums}
.timeline{list-style:none;padding:0;margin:0}
.timeline>li{position:relative;display:grid;grid-template-columns:5.2rem minmax(0,1fr);gap:0 2.1rem;padding:0 0 .95rem}
.timeline>li::before{content:"";position:absolute;left:6.02rem;top:.5rem;width:.62rem;height:.62rem;border-radius:50%;background:var(--soft);z-index:1}
.timeline>li::after{content:"";position:absolute;left:6.3rem;top:.8rem;bottom:-.6rem;width:2px;background:var(--line)}
.timeline>li:last-child::after{display:none}
.timeline>li.good::before{background:var(--good)}.timeline>li.bad::before{background:var(--bad)}.timeline>li.wait::before{background:var(--wait)}
.timeline>li.quiet::before{top:.36rem;background:var(--bg);border:2px solid var(--line)}
.timeline .when{margin:0;text-align:right;color:var(--soft);font-size:.86rem;font-variant-numeric:tabular-nums;line-height:1.5;padding-top:.1rem}
.timeline .when span{display:block;font-size:.78rem}
.timeline .title{margin:0;color:var(--ink);font-weight:600}
.timeline .quiet .title{font-weight:400;color:var(--soft)}
.timeline>li.quiet{padding-bottom:.3rem;font-size:.86rem}
.timeline>li.quiet+li:not(.quiet){padding-top:.55rem}.timeline>li.quiet+li:not(.quiet)::before{top:1.05rem}
.timeline .quiet>div{display:flex;flex-wrap:wrap;align-items:baseline;gap:0 .8rem}
.timeline .quiet .when{padding-top:0}.timeline .quiet .when span{display:none}
.timeline .quiet details[open]{flex-basis:100%}
.timeline summary{color:var(--soft)}
.timeline details{margin:0}
.timeline .broken{border:2px solid var(--bad);border-radius:.6rem;padding:.6rem .8rem;background:var(--bad-bg)}
details{margin:.15rem 0 .5rem}
summary{cursor:pointer;color:var(--soft);font-size:.86rem;width:max-content;max-width:100%}
summary:hover{color:var(--ink)}
details[open]>summary{margin-bottom:.35rem}
.timeline .facts,.facts.small{font-size:.86rem}
.scroll{overflow-x:auto}
.scroll code{display:inline-block;min-width:12rem}
table{border-collapse:collapse;width:100%;font-size:.9rem;margin:.2rem 0 .7rem}
th{text-align:left;font-weight:600;color:var(--soft);font-size:.8rem}
th{white-space:nowrap}
td{overflow-wrap:break-word}
code{overflow-wrap:anywhere}
th,td{padding:.4rem .9rem .4rem 0;border-bottom:1px solid var(--line);vertical-align:top}
tr:last-child td{border-bottom:0}
td.first{font-weight:600}
td.first .soft{font-weight:400}
h1 .soft,h2 .soft{font-weight:500}
.numbers{display:flex;flex-wrap:wrap;gap:.6rem;margin:0 0 1.5rem}
.numbers div{flex:1 1 8rem;background:var(--card);border:1px solid var(--line);border-radius:.6rem;padding:.7rem 1rem}
.numbers dt{color:var(--soft);font-size:.86rem}
.numbers dd{margin:0;font-size:1.5rem;font-weight:650;font-variant-numeric:tabular-nums}
button{font:inherit;font-size:.94rem;font-weight:600;padding:.5rem .95rem;border-radius:.45rem;border:1px solid transparent;background:var(--link);color:var(--card);cursor:pointer}
button:hover{filter:brightness(1.08)}
.quiet-button{background:none;border-color:var(--line);color:var(--ink);font-weight:500;padding:.25rem .7rem;font-size:.86rem}
.people{display:grid;gap:.6rem;padding:0;list-style:none;max-width:30rem}
.people button{display:block;width:100%;text-align:left;background:var(--card);color:var(--ink);border-color:var(--line);padding:.75rem 1rem}
.people button:hover{border-color:var(--link)}
.people small{display:block;color:var(--soft);font-weight:400;font-size:.86rem}
.orders{display:flex;flex-wrap:wrap;gap:.6rem;align-items:center}
.orders form,.orders p{margin:0}
.group{border-top:1px solid var(--line);margin:0;padding:.5rem 0}
.group summary{width:auto;color:var(--ink);font-size:1rem}
.group summary h3{display:inline;margin:0}
.group .soft{font-weight:400}
.scenarios{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,26rem),1fr));gap:0 2rem}
.scenarios article{display:flex;gap:1rem;justify-content:space-between;align-items:center;padding:.55rem 0;border-top:1px solid var(--line)}
.scenarios h4{margin:0;font-size:.94rem;letter-spacing:0;text-transform:none;color:var(--ink)}
.scenarios p{margin:0;font-size:.9rem;line-height:1.4}
.scenarios form{flex:none}
.scenarios button{padding:.3rem .7rem;font-size:.86rem}
[hidden]{display:none!important}
button:disabled{opacity:.6;cursor:wait}
input[type=search]{font:inherit;padding:.35rem .6rem;border:1px solid var(--line);border-radius:.45rem;background:var(--card);color:var(--ink);min-width:0;width:16rem;max-width:100%}
.nodes{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,18rem),1fr));gap:.9rem}
.nodes .card{margin:0;min-width:0}
.nodes .head{display:flex;gap:.6rem;justify-content:space-between;align-items:baseline}
.nodes h3{margin:0}
.nodes p{margin:.3rem 0 0}
.calls{list-style:none;padding:0;margin:0;font-size:.9rem}
.calls li{display:grid;grid-template-columns:5.5rem minmax(0,1fr) 13rem;gap:.1rem 1rem;padding:.5rem 0;border-top:1px solid var(--line)}
.calls code{display:block}
.calls .when{font-variant-numeric:tabular-nums}
.calls .when span{display:block;font-size:.78rem}
.changed{animation:changed 2s ease-out}
@keyframes changed{from{background:var(--wait-bg)}}
@media (prefers-reduced-motion:reduce){.changed{animation:none}}
@media (max-width:40rem){
.calls li{grid-template-columns:minmax(0,1fr)}
.calls .when span{display:inline;margin-left:.6rem}
h1{font-size:1.45rem}
main{padding-top:1.2rem}
.card{padding:.85rem .95rem}
.facts{grid-template-columns:minmax(0,1fr);gap:0}
.facts dd{margin:0 0 .5rem}
.rows a{grid-template-columns:minmax(0,1fr)}
.rows time,.rows .what,.rows .tags{grid-column:1;grid-row:auto}
.rows .tags{justify-content:flex-start;margin-top:.3rem}
.timeline>li{grid-template-columns:minmax(0,1fr);padding-left:1.35rem}
.timeline>li::before{left:0}.timeline>li::after{left:.27rem}
.timeline .when{text-align:left}
.timeline .when span{display:inline;margin-left:.6rem}
}
pre{overflow-x:auto;padding:.7rem .9rem;border:1px solid var(--line);border-radius:.5rem;background:var(--card)}
blockquote{margin:.3rem 0 .7rem;padding-left:.9rem;border-left:3px solid var(--line);color:var(--soft)}
.prose{max-width:46rem}
@media print{
:root{--bg:#fff;--card:#fff;--ink:#000;--soft:#444;--line:#bbb;--link:#000;--good:#000;--bad:#000;--wait:#000;--good-bg:#fff;--bad-bg:#fff;--wait-bg:#fff;--plain-bg:#fff}
body{font-size:10.5pt}
.bar form,button{display:none}
main{max-width:none;padding:0}
.card,.timeline>li,tr{break-inside:avoid}
.tag,.note{border:1px solid var(--line)}
details::details-content{content-visibility:visible;display:block}
}
`;
