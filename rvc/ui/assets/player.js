// Player for gr.HTML: the sides of one recording (before, after, removed) share one position. Its
// value is a Listening of rvc.ui.sound_player; other components ask it to play by the DOM event
// `mk-play` with {id, at, until}.
const find = (selector) => element.querySelector(selector);
const languages = JSON.parse(find('.mk-player').dataset.words);
const words = languages[(document.documentElement.lang || 'en').split('-')[0]] || languages.en;
const STEP_SECONDS = 1, JUMP_SECONDS = 10;
const player = find('.mk-player'), picture = find('.mk-picture');
let held = null, sounds = {}, current = null, until = null, raised = null, ends = null;

element.querySelectorAll('[data-word]').forEach((e) => { e.textContent = words[e.dataset.word]; });
picture.setAttribute('aria-label', words.play_position);
find('.mk-switch').setAttribute('aria-label', words.play_switch);
find('.mk-save').textContent = words.play_save;

const clock = (seconds) => {
  const tenths = Math.max(0, Math.round(10 * seconds));
  const rest = String(Math.floor(tenths / 10) % 60).padStart(2, '0');
  return `${Math.floor(tenths / 600)}:${rest}.${tenths % 10}`;
};
const sound = () => current && sounds[current].audio;
const limits = () => ends || [0, held.seconds];

const draw = () => {
  if (!held) return;
  const audio = sound(), at = Math.min(audio.currentTime, held.seconds);
  picture.querySelector('i').style.left = `${100 * at / held.seconds}%`;
  picture.setAttribute('aria-valuenow', at.toFixed(1));
  picture.setAttribute('aria-valuetext', `${clock(at)}, ${words[`play_${current}`]}`);
  find('.mk-time').textContent = `${clock(at)} / ${clock(held.seconds)}`;
  const go = find('.mk-go');
  go.setAttribute('aria-pressed', !audio.paused);
  go.setAttribute('aria-label', words[audio.paused ? 'play_go' : 'play_pause']);
  go.textContent = audio.paused ? '▶' : '❚❚';
};

const follow = () => {
  if (!held) return;
  const audio = sound();
  if (until !== null && audio.currentTime >= until) {
    until = null;
    audio.pause();
  }
  draw();
  if (!audio.paused) requestAnimationFrame(follow);
};

const play = () => sound().play().then(follow, draw);

const seek = (seconds, stop = null) => {
  until = stop;
  sound().currentTime = Math.max(0, Math.min(seconds, held.seconds - 0.01));
  draw();
};

const toggle = () => {
  const audio = sound();
  if (!audio.paused) return audio.pause();
  const [first, last] = limits();
  if (audio.currentTime < first || audio.currentTime >= last - 0.05) audio.currentTime = first;
  if (until === null && last < held.seconds) until = last;
  return play();
};

const showSide = () => {
  const side = sounds[current];
  for (const button of element.querySelectorAll('.mk-switch button')) {
    button.setAttribute('aria-pressed', button.dataset.side === current);
  }
  find('.mk-picture img').src = side.picture;
  Object.assign(find('.mk-save'), {href: side.url, download: `${held.name} (${words[`play_${current}`]}).wav`});
  const raise = find('.mk-raise');
  raise.hidden = side.raise_db < 1;
  raise.setAttribute('aria-pressed', Boolean(raised));
  raise.textContent = words[raised ? 'play_lower' : 'play_raise'].replace('{decibels}', Math.round(side.raise_db));
};

// The other side goes on at the same place; only what is listened to is loaded.
const choose = (key) => {
  if (key === current) return;
  const before = sound(), was = !before.paused;
  before.pause();
  current = key;
  sound().currentTime = before.currentTime;
  showSide();
  if (was) play();
  draw();
};

const raise = () => {
  const side = sounds[current];
  if (!side.gain) {  // an element's own volume cannot exceed 1
    const context = new AudioContext();
    side.gain = context.createGain();
    context.createMediaElementSource(side.audio).connect(side.gain).connect(context.destination);
    side.context = context;
  }
  raised = !raised;
  side.gain.gain.value = raised ? 10 ** (side.raise_db / 20) : 1;
  side.context.resume();
  showSide();
};

const drop = () => {
  for (const side of Object.values(sounds)) {
    side.audio.pause();
    side.audio.removeAttribute('src');
    if (side.context) side.context.close();
  }
  held = current = until = raised = ends = null;
  sounds = {};
};

const showEnds = () => {
  find('.mk-ends').hidden = !ends;
  const shades = picture.querySelectorAll('u');
  const [first, last] = limits().map((seconds) => 100 * seconds / held.seconds);
  shades[0].style.cssText = `left:0;width:${first}%`;
  shades[1].style.cssText = `left:${last}%;right:0`;
  if (!ends) return;
  element.querySelectorAll('[data-end]').forEach((input, which) => {
    input.max = Math.ceil(100 * held.seconds) / 100;
    input.value = ends[which];
    input.nextElementSibling.textContent = clock(ends[which]);
  });
  find('[data-ends=whole]').disabled = held.ends[0] <= 0 && held.ends[1] >= held.seconds;
  find('[data-ends=cut]').disabled = ends.every((seconds, i) => Math.abs(seconds - held.ends[i]) < 0.005);
};

const showStretches = () => {
  const row = find('.mk-stretches');
  row.replaceChildren();
  for (const {start, end, kind} of held.stretches) {
    const bar = document.createElement('span');
    bar.className = `mk-${kind}`;
    bar.style.cssText = `left:${100 * start / held.seconds}%;width:${100 * (end - start) / held.seconds}%`;
    bar.addEventListener('click', () => { seek(start, end); play(); });
    row.append(bar);
  }
};

const hold = (value) => {
  const key = value.sides.some((side) => side.key === current) ? current : null;
  drop();
  held = value;
  for (const side of value.sides) {
    const audio = new Audio();
    audio.preload = 'metadata';
    audio.src = side.url;
    for (const name of ['play', 'pause', 'seeked', 'ended']) audio.addEventListener(name, draw);
    sounds[side.key] = {...side, audio};
  }
  current = key || (sounds.after ? 'after' : value.sides[0].key);
  ends = value.ends && [...(value.found || value.ends)];
  find('.mk-name').textContent = value.name;
  const group = find('.mk-switch');
  group.replaceChildren();
  for (const {key: name} of value.sides.length > 1 ? value.sides : []) {
    const button = document.createElement('button');
    Object.assign(button, {type: 'button', textContent: words[`play_${name}`]});
    button.dataset.side = name;
    group.append(button);
  }
  picture.setAttribute('aria-valuemax', value.seconds.toFixed(1));
  player.hidden = false;
  showSide();
  showEnds();
  showStretches();
  draw();
};

// The same sounds with other ends or stretches: what plays goes on.
const refresh = (value) => {
  held = value;
  ends = value.ends && [...(value.found || value.ends)];
  showEnds();
  showStretches();
};

const receive = () => {
  const value = props.value;
  if (!value || !value.id) {
    drop();
    player.hidden = true;
    return;
  }
  const addresses = ({id, sides}) => [id, ...sides.map((side) => side.url)].join();
  (held && addresses(held) === addresses(value) ? refresh : hold)(value);
  if (value.at !== null) {
    seek(value.at, value.until);
    play();
  }
};

element.addEventListener('mk-play', ({detail}) => {
  if (!held || held.id !== detail.id) return trigger('wanted', detail);
  seek(detail.at, detail.until ?? null);
  play();
  player.scrollIntoView({block: 'nearest', behavior: 'smooth'});
});

// Decisions that were overruled: [{id, start, kind}].
element.addEventListener('mk-decisions', ({detail}) => {
  if (!held) return;
  for (const stretch of held.stretches) {
    const now = detail.find(({id, start}) => id === held.id && start === stretch.start);
    if (now) stretch.kind = now.kind;
  }
  showStretches();
});

element.addEventListener('click', (event) => {
  const side = event.target.closest('[data-side]'), end = event.target.closest('[data-ends]');
  if (side) choose(side.dataset.side);
  else if (event.target.closest('.mk-go')) toggle();
  else if (event.target.closest('.mk-raise')) raise();
  else if (end) trigger('ends', {act: end.dataset.ends, id: held.id, start: ends[0], end: ends[1]});
});
picture.addEventListener('click', (event) => {
  const box = picture.getBoundingClientRect();
  seek(held.seconds * (event.clientX - box.left) / box.width);
  play();
});
picture.addEventListener('keydown', (event) => {
  const moves = {
    ArrowLeft: -STEP_SECONDS, ArrowRight: STEP_SECONDS, ArrowDown: -STEP_SECONDS,
    ArrowUp: STEP_SECONDS, PageDown: -JUMP_SECONDS, PageUp: JUMP_SECONDS,
  };
  if (event.key in moves) seek(sound().currentTime + moves[event.key]);
  else if (event.key === 'Home') seek(0);
  else if (event.key === 'End') seek(held.seconds);
  else if (event.key === ' ' || event.key === 'Enter') toggle();
  else return;
  event.preventDefault();
});
element.addEventListener('input', ({target}) => {
  if (!target.dataset.end) return;
  const which = Number(target.dataset.end), least = 0.5, seconds = Number(target.value);
  ends[which] = which ? Math.max(seconds, ends[0] + least) : Math.min(seconds, ends[1] - least);
  showEnds();
  seek(which ? Math.max(ends[0], ends[1] - 1) : ends[0]);
});
watch('value', receive);
receive();
