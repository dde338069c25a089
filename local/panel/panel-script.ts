/**
 * `GET /local/panel.js`: asks for the changing part once a second while the page is looked at, and filters scenarios.
 * What comes back was escaped where it was rendered. A node whose card is another one than before lights up.
 */
export const panelScript = `'use strict';
const live = document.getElementById('live');
const stale = document.getElementById('stale');
let shown = '';
async function look() {
  if (!document.hidden) {
    try {
      const answer = await fetch('/local/panel/state', { headers: { accept: 'text/html' } });
      if (!answer.ok) throw new Error(String(answer.status));
      const text = await answer.text();
      if (text !== shown) show(text);
      stale.hidden = true;
    } catch {
      stale.hidden = false; // Medic is restarting: the next look will tell
    }
  }
  setTimeout(look, 1000);
}
function show(text) {
  const before = new Map([...live.querySelectorAll('.nodes > [id]')].map((card) => [card.id, card.innerHTML]));
  live.innerHTML = text;
  if (shown !== '') {
    for (const card of live.querySelectorAll('.nodes > [id]')) {
      if (before.get(card.id) !== card.innerHTML) card.classList.add('changed');
    }
  }
  shown = text;
}
look();

const filter = document.getElementById('filter');
const wanted = filter.querySelector('input');
const groups = [...document.querySelectorAll('.group')].map((group) => ({
  group,
  wasOpen: group.open,
  scenarios: [...group.querySelectorAll('article')],
}));
wanted.addEventListener('input', () => {
  const words = wanted.value.toLowerCase().split(/\\s+/).filter(Boolean);
  let count = 0;
  for (const { group, wasOpen, scenarios } of groups) {
    const heading = group.querySelector('h3').textContent.toLowerCase();
    for (const scenario of scenarios) {
      const text = heading + ' ' + scenario.textContent.toLowerCase();
      scenario.hidden = !words.every((word) => text.includes(word));
    }
    const left = scenarios.filter((scenario) => !scenario.hidden).length;
    group.hidden = left === 0;
    group.open = words.length === 0 ? wasOpen : left > 0;
    count += left;
  }
  filter.querySelector('[role=status]').textContent = words.length === 0 ? '' : count + ' found';
});
filter.hidden = false;

for (const form of document.forms) {
  form.addEventListener('submit', () => {
    const button = form.querySelector('button');
    button.disabled = true;
    button.textContent = 'One moment …';
  });
}
`;
