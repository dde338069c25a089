/**
 * `GET /local/panel.js`: asks for the changing part once a second while the page is looked at. What comes back was
 * escaped where it was rendered.
 */
export const panelScript = `'use strict';
const live = document.getElementById('live');
let shown = '';
async function look() {
  if (!document.hidden) {
    try {
      const answer = await fetch('/local/panel/state', { headers: { accept: 'text/html' } });
      const text = answer.ok ? await answer.text() : shown;
      if (text !== shown) {
        live.innerHTML = text;
        shown = text;
      }
    } catch {
      // Medic is restarting: the next look will tell.
    }
  }
  setTimeout(look, 1000);
}
look();
`;
