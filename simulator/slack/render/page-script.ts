/**
 * The script of the page, as text because the server sends it as it stands. It asks the server for markup whenever
 * something changed, and tells the server what the person did; it decides nothing itself.
 */
export const PAGE_SCRIPT = String.raw`'use strict';
const { user, channel, token } = document.body.dataset;
const byId = (id) => document.getElementById(id);
const modal = byId('modal');
const noticeBox = byId('notices');
const drawn = new Map();
let shown = null;

async function act(name, body) {
  const headers = { 'content-type': 'application/json', 'x-page-token': token };
  const response = await fetch('/local/slack/do/' + name, { method: 'POST', headers, body: JSON.stringify({ user, ...body }) });
  return response.json();
}

/* Drawing */
let isDrawing = false;
let isStale = false;
async function refresh() {
  isStale = true;
  if (isDrawing) return;
  isDrawing = true;
  while (isStale) {
    isStale = false;
    try {
      const query = '?user=' + encodeURIComponent(user) + '&channel=' + encodeURIComponent(channel);
      draw(await (await fetch('/local/slack/state' + query)).json());
    } catch {
      break;
    }
  }
  isDrawing = false;
}

function draw(state) {
  drawArticles(state.articles);
  if (byId('home').dataset.markup !== state.home) {
    byId('home').dataset.markup = state.home;
    byId('home').innerHTML = state.home;
    writeDates(byId('home'));
  }
  drawModal(state.modal);
  drawNotices(state.notices);
}

function drawArticles(articles) {
  const box = byId('messages');
  const scroll = byId('scroll');
  const isAtEnd = scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < 80;
  const wanted = new Set(articles.map((one) => one.ts));
  for (const old of [...box.children]) if (!wanted.has(old.dataset.ts)) { drawn.delete(old.dataset.ts); old.remove(); }
  articles.forEach((one, at) => {
    const old = box.children[at];
    if (old && old.dataset.ts === one.ts && drawn.get(one.ts) === one.html) return;
    const holder = document.createElement('template');
    holder.innerHTML = one.html;
    const next = holder.content.firstElementChild;
    writeDates(next);
    drawn.set(one.ts, one.html);
    if (!old || old.dataset.ts !== one.ts) return box.insertBefore(next, old || null);
    keepPlace(old, next);
  });
  box.setAttribute('aria-busy', 'false');
  if (isAtEnd) scroll.scrollTop = scroll.scrollHeight;
}

/* An edited message keeps its open thread and the focus where they were. */
function keepPlace(old, next) {
  const open = old.querySelector('details.thread');
  const thread = next.querySelector('details.thread');
  if (open && thread) thread.open = open.open;
  const held = old.contains(document.activeElement) ? document.activeElement : null;
  old.replaceWith(next);
  if (!held || !held.dataset.actionId) return;
  const same = [...next.querySelectorAll('[data-action-id]')].find((one) => one.dataset.actionId === held.dataset.actionId);
  if (same) same.focus();
}

function drawModal(view) {
  if (!view) {
    shown = null;
    if (modal.open) modal.close();
    return;
  }
  if (shown && shown.id === view.id && shown.hash === view.hash) return;
  const isSame = shown && shown.id === view.id;
  const typed = isSame ? touched(modal) : [];
  shown = view;
  modal.innerHTML = view.html;
  writeDates(modal);
  for (const one of typed) putBack(one);
  if (!modal.open) modal.showModal();
  const first = modal.querySelector('[data-autofocus]') || modal.querySelector('[data-input]:is(input, textarea, select)');
  (isSame || !first ? byId('modal-title') : first).focus();
}

const keyOf = (field) => field.dataset.blockId + '/' + field.dataset.actionId;
const touched = (root) => [...root.querySelectorAll('[data-input][data-touched]')].map((field) => ({ key: keyOf(field), value: valueOf(field) }));
function putBack({ key, value }) {
  const field = [...modal.querySelectorAll('[data-input]')].find((one) => keyOf(one) === key);
  if (!field) return;
  field.dataset.touched = 'true';
  if (!field.classList.contains('choices')) { field.value = value; return; }
  for (const box of field.querySelectorAll('input')) box.checked = [value].flat().includes(box.value);
}

function drawNotices(notices) {
  const box = noticeBox;
  const wanted = new Set(notices.map((one) => one.id));
  for (const old of [...box.children]) if (!wanted.has(old.dataset.notice)) old.remove();
  for (const one of notices) {
    if ([...box.children].some((old) => old.dataset.notice === one.id)) continue;
    const line = document.createElement('div');
    line.dataset.notice = one.id;
    const words = document.createElement('span');
    words.textContent = one.text;
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'close';
    button.setAttribute('aria-label', 'Dismiss');
    button.textContent = '✕';
    button.addEventListener('click', () => act('dismiss', { notice: one.id }));
    line.append(words, button);
    box.append(line);
  }
  /* An open modal makes everything else inert, so what concerns it is said inside of it. */
  const home = modal.open ? modal : document.body;
  if (box.parentNode !== home) home.append(box);
}

/* Dates, in the reader's own time zone */
function writeDates(root) {
  for (const one of root.querySelectorAll('time[data-format]')) {
    const date = new Date(one.dateTime);
    one.title = date.toLocaleString();
    one.textContent = one.dataset.format.replace(/\{(\w+)\}/g, (all, name) => part(date, name) ?? all);
  }
}
function part(date, name) {
  const day = (options) => date.toLocaleDateString(undefined, options);
  const days = Math.round((new Date(date).setHours(0, 0, 0, 0) - new Date().setHours(0, 0, 0, 0)) / 86400000);
  const near = name.endsWith('_pretty') ? { '-1': 'yesterday', 0: 'today', 1: 'tomorrow' }[days] : undefined;
  if (near) return near;
  switch (name.replace('_pretty', '')) {
    case 'date_num': return date.toISOString().slice(0, 10);
    case 'date': return day({ year: 'numeric', month: 'long', day: 'numeric' });
    case 'date_short': return day({ year: 'numeric', month: 'short', day: 'numeric' });
    case 'date_long': return day({ weekday: 'long', year: 'numeric', month: 'long', day: 'numeric' });
    case 'time': return date.toLocaleTimeString(undefined, { hour: '2-digit', minute: '2-digit' });
    case 'time_secs': return date.toLocaleTimeString();
    case 'ago': return Math.max(0, Math.round((Date.now() - date) / 60000)) + ' minutes ago';
    default: return undefined;
  }
}

/* What the person does */
function valueOf(field) {
  if (!field.classList.contains('choices')) return field.value === '' ? null : field.value;
  const chosen = [...field.querySelectorAll('input:checked')].map((box) => box.value);
  return field.getAttribute('role') === 'radiogroup' ? (chosen[0] ?? null) : chosen;
}
function valuesIn(root) {
  const values = {};
  for (const field of root.querySelectorAll('[data-action-id]:is(input, textarea, select, .choices)')) {
    const { blockId, actionId } = field.dataset;
    values[blockId] = { ...values[blockId], [actionId]: valueOf(field) };
  }
  return values;
}
function placeOf(element) {
  const view = element.closest('[data-view]');
  if (view) return { root: view, where: { view_id: view.dataset.view } };
  const article = element.closest('article');
  return { root: article, where: { channel: article.dataset.channel, ts: article.dataset.ts } };
}

async function press(element, value) {
  if (element.getAttribute('aria-busy') === 'true') return;
  if (element.dataset.confirm && !(await confirmed(JSON.parse(element.dataset.confirm)))) return;
  const menu = element.closest('details.overflow');
  if (menu) menu.open = false;
  const busy = menu ? menu.querySelector('summary') : element;
  busy.setAttribute('aria-busy', 'true');
  const { root, where } = placeOf(element);
  if (element.dataset.url && /^https?:/.test(element.dataset.url)) window.open(element.dataset.url, '_blank', 'noopener');
  const { actionId, blockId } = element.dataset;
  const body = { ...where, action_id: actionId, block_id: blockId, values: valuesIn(root) };
  try {
    await act('click', value === undefined || value === null ? body : { ...body, value });
  } finally {
    busy.removeAttribute('aria-busy');
  }
}

document.addEventListener('click', (event) => {
  for (const menu of document.querySelectorAll('details.overflow[open]')) if (!menu.contains(event.target)) menu.open = false;
  const target = event.target.closest('button');
  if (!target) return;
  if (target.matches('[data-close]')) closeModal();
  else if (target.matches('[data-action-id]')) press(target, target.dataset.value);
});

document.addEventListener('change', (event) => {
  const field = event.target.closest('[data-action-id]');
  if (!field) return;
  field.dataset.touched = 'true';
  const isSentAtOnce = !('input' in field.dataset) || field.closest('[data-dispatch]');
  if (isSentAtOnce) press(field, valueOf(field));
});
document.addEventListener('input', (event) => {
  const field = event.target.closest('[data-action-id]');
  if (field) field.dataset.touched = 'true';
});
document.addEventListener('keydown', (event) => {
  if (event.key !== 'Escape') return;
  const menu = document.querySelector('details.overflow[open]');
  if (!menu) return;
  event.preventDefault();
  menu.open = false;
  menu.querySelector('summary').focus();
});

const closeModal = () => shown && act('close', { view_id: shown.id });
modal.addEventListener('cancel', (event) => {
  event.preventDefault();
  closeModal();
});
modal.addEventListener('submit', async (event) => {
  event.preventDefault();
  const form = event.target;
  const button = form.querySelector('[type=submit]');
  if (!button || button.getAttribute('aria-busy') === 'true') return;
  button.setAttribute('aria-busy', 'true');
  try {
    const outcome = await act('submit', { view_id: form.dataset.view, values: valuesIn(form) });
    showErrors(form, outcome.errors || {});
  } finally {
    button.removeAttribute('aria-busy');
  }
});
function showErrors(form, errors) {
  let first;
  for (const field of form.querySelectorAll('[data-field]')) {
    const says = errors[field.dataset.field];
    const line = field.querySelector('.error');
    line.hidden = !says;
    line.textContent = says || '';
    const control = field.querySelector('[data-input]');
    control.setAttribute('aria-invalid', says ? 'true' : 'false');
    if (says && !first) first = control.matches('.choices') ? control.querySelector('input') : control;
  }
  if (first) first.focus();
}

function confirmed(words) {
  const dialog = byId('confirm');
  dialog.replaceChildren();
  const make = (tag, text, properties) => Object.assign(document.createElement(tag), { textContent: text, ...properties });
  const yes = make('button', words.confirm, { type: 'button', className: 'button ' + words.style });
  const no = make('button', words.deny, { type: 'button', className: 'button default' });
  const buttons = make('footer', '');
  buttons.append(no, yes);
  dialog.append(make('h2', words.title, { id: 'confirm-title' }), make('p', words.text), buttons);
  dialog.showModal();
  return new Promise((resolve) => {
    let answer = false;
    yes.addEventListener('click', () => { answer = true; dialog.close(); });
    no.addEventListener('click', () => dialog.close());
    dialog.addEventListener('close', () => resolve(answer), { once: true });
  });
}

const go = (as, to) => location.assign('/local/slack?user=' + encodeURIComponent(as) + '&channel=' + encodeURIComponent(to));
/* A direct channel belongs to one person, so another person starts in the main channel. */
byId('you').addEventListener('change', (event) => go(event.target.value, channel.startsWith('D') ? '' : channel));
const composer = byId('composer');
if (composer) composer.addEventListener('submit', async (event) => {
  event.preventDefault();
  const field = byId('say');
  const text = field.value;
  if (text.trim() === '') return;
  field.value = '';
  await act('say', { channel, text });
});

const stream = new EventSource('/local/slack/stream');
stream.addEventListener('open', refresh);
stream.addEventListener('message', refresh);
refresh();
`;
