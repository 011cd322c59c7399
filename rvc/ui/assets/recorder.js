// Recorder for gr.HTML: AudioWorklet -> float samples -> 16-bit WAV -> Gradio's upload(). Nothing in
// between: no Opus, no processing by the browser, the device's own rate.
const find = (selector) => element.querySelector(selector);
const words = props.words[(document.documentElement.lang || 'en').split('-')[0]] || props.words.en;
const QUIET_DB = -32, FLOOR_DB = -60, CLIPPED = 0.985, HINT_EVERY_MS = 700;
const ANSWER_MS = 60000;  // until the server has taken a recording
const TAP = `registerProcessor('moksori-tap', class extends AudioWorkletProcessor {
  process(inputs) {
    if (inputs[0][0]) this.port.postMessage(inputs[0][0].slice());
    return true;
  }
})`;
let take = null;  // {stream, context, node, parts, samples, peak, loudest, frame, hintAt, room, reading}
let pending = null;  // a finished recording that the server has not taken yet: {id, file, settings}

element.querySelectorAll('[data-word]').forEach((e) => { e.textContent = words[e.dataset.word]; });
find('.mk-level').setAttribute('aria-label', words.rec_level);

const kept = (name) => { try { return localStorage.getItem(name); } catch { return null; } };
const keep = (name, value) => { try { localStorage.setItem(name, value); } catch { /* as before */ } };
const PLACE = `moksori_sentence_${(document.documentElement.lang || 'en').slice(0, 2)}`, AUTO = 'moksori_next';
const count = words.prompts.length;
let prompt = (Number(kept(PLACE)) || 0) % count;
find('.mk-auto').checked = kept(AUTO) !== 'no';

const showPrompt = (moved = 0) => {
  prompt = (prompt + moved + count) % count;
  const [mood, text] = words.prompts[prompt];
  find('.mk-prompt').textContent = text;
  find('.mk-mood').textContent = words[`rec_mood_${mood}`];
  find('.mk-mood').dataset.mood = mood;
  find('.mk-count').textContent = `${prompt + 1} / ${count}`;
  if (moved) keep(PLACE, prompt);
  if (take) take.reading = readingOf(text);
};
showPrompt();

const showHint = (key, kind = '', more = '') => {
  const hint = find('.mk-hint');
  hint.textContent = more || words[key];
  hint.dataset.kind = kind;
};

const showButton = (recording) => {
  const button = find('.mk-rec-button');
  button.setAttribute('aria-pressed', recording);
  button.querySelector('span').textContent = words[recording ? 'rec_stop' : 'rec_start'];
};

const listDevices = async () => {
  const devices = await navigator.mediaDevices.enumerateDevices();
  const select = find('select'), chosen = select.value;
  while (select.options.length > 1) select.remove(1);
  for (const d of devices) {
    if (d.kind === 'audioinput' && d.deviceId && d.deviceId !== 'default' && d.label) {
      select.add(new Option(d.label, d.deviceId));
    }
  }
  select.value = chosen;
};

const receive = (samples) => {
  let peak = 0;
  for (const sample of samples) peak = Math.max(peak, Math.abs(sample));
  take.parts.push(samples);
  take.samples += samples.length;
  take.peak = Math.max(peak, take.peak);
  take.frame += samples.length;
  if (take.frame < READING.frameSeconds * take.context.sampleRate) return;
  take.frame = 0;
  const now = performance.now();
  const db = Math.max(FLOOR_DB, 20 * Math.log10(take.peak + 1e-6));
  const level = find('.mk-level');
  level.setAttribute('aria-valuenow', Math.round(db));
  level.firstElementChild.style.width = `${100 * (1 - db / FLOOR_DB)}%`;
  level.dataset.kind = take.peak > CLIPPED ? 'loud' : db > QUIET_DB ? 'good' : '';
  take.loudest = Math.max(take.peak, take.loudest);
  take.peak = 0;
  if (take.reading.hear(db, take.room(db)) && find('.mk-auto').checked) showPrompt(1);
  const seconds = Math.floor(take.samples / take.context.sampleRate);
  find('.mk-clock').textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
  if (now - take.hintAt > HINT_EVERY_MS) {
    const loudest = 20 * Math.log10(take.loudest + 1e-6);
    if (take.loudest > CLIPPED) showHint('rec_loud', 'loud');
    else if (loudest > QUIET_DB) showHint('rec_good', 'good');
    else showHint('rec_quiet', 'quiet');
    take.hintAt = now;
    take.loudest *= 0.7;
  }
};

const start = async () => {
  if (!navigator.mediaDevices) return showHint('rec_insecure', 'loud');
  if (pending) return send();
  showHint('rec_wait');
  if (window.moksoriSilence) window.moksoriSilence();
  const chosen = find('select').value;
  let stream;
  try {
    stream = await navigator.mediaDevices.getUserMedia({audio: {
      channelCount: 1, echoCancellation: false, noiseSuppression: false, autoGainControl: false,
      ...(chosen ? {deviceId: {exact: chosen}} : {}),
    }});
  } catch {
    return showHint('rec_denied', 'loud');
  }
  const context = new AudioContext();  // at the device's rate: nothing is resampled here
  await context.audioWorklet.addModule(URL.createObjectURL(new Blob([TAP], {type: 'text/javascript'})));
  const node = new AudioWorkletNode(context, 'moksori-tap');
  take = {stream, context, node, parts: [], samples: 0, peak: 0, loudest: 0, frame: 0, hintAt: performance.now(),
    room: roomLevel(), reading: readingOf(words.prompts[prompt][1])};
  node.port.onmessage = ({data}) => take && receive(data);
  context.createMediaStreamSource(stream).connect(node);
  showButton(true);
  listDevices();
};

const wav = (parts, samples, rate) => {
  const view = new DataView(new ArrayBuffer(44 + 2 * samples));
  const ascii = (at, text) => [...text].forEach((c, i) => view.setUint8(at + i, c.charCodeAt(0)));
  ascii(0, 'RIFF');
  view.setUint32(4, 36 + 2 * samples, true);
  ascii(8, 'WAVEfmt ');
  view.setUint32(16, 16, true);
  [1, 1].forEach((value, i) => view.setUint16(20 + 2 * i, value, true));
  view.setUint32(24, rate, true);
  view.setUint32(28, 2 * rate, true);
  view.setUint16(32, 2, true);
  view.setUint16(34, 16, true);
  ascii(36, 'data');
  view.setUint32(40, 2 * samples, true);
  let at = 44;
  for (const part of parts) {
    for (const sample of part) {
      view.setInt16(at, Math.max(-1, Math.min(1, sample)) * 32767, true);
      at += 2;
    }
  }
  return view;
};

// A recording is kept here until the server says that it has taken it.
const send = async () => {
  const sent = pending;
  find('.mk-again').hidden = true;
  showHint('rec_saving');
  const late = setTimeout(() => answered({id: sent.id, kept: null}), ANSWER_MS);
  sent.late = late;
  try {
    const {path} = await upload(sent.file);
    if (pending === sent) trigger('saved', {path, settings: sent.settings, id: sent.id});
  } catch {
    answered({id: sent.id, kept: null});
  }
};

// `kept`: true, false with `text` for one that is refused, null when no answer came.
const answered = ({id, kept: taken, text}) => {
  if (!pending || pending.id !== id) return;
  clearTimeout(pending.late);
  if (taken === null) {
    find('.mk-again').hidden = false;
    return showHint('rec_failed', 'loud');
  }
  pending = null;
  find('.mk-again').hidden = true;
  if (!taken) return showHint('rec_failed', 'loud', text);
  showHint('rec_saved', 'good');
  if (!find('.mk-auto').checked) showPrompt(1);
};

const stop = async () => {
  const done = take;
  take = null;
  showButton(false);
  const settings = done.stream.getAudioTracks()[0].getSettings();
  done.stream.getTracks().forEach((track) => track.stop());
  done.node.disconnect();
  const rate = done.context.sampleRate;
  const file = new File([wav(done.parts, done.samples, rate)], 'recording.wav', {type: 'audio/wav'});
  pending = {id: `${performance.now()}-${Math.random()}`, file, settings};
  // Where reading goes on by itself, a sentence that is almost read needs no second reading.
  if (find('.mk-auto').checked && done.reading.speech >= done.reading.wanted) showPrompt(1);
  await done.context.close();
  find('.mk-level').firstElementChild.style.width = 0;
  send();
};

element.addEventListener('click', (event) => {
  if (event.target.closest('.mk-next')) showPrompt(1);
  else if (event.target.closest('.mk-back')) showPrompt(-1);
  else if (event.target.closest('.mk-again')) send();
  else if (event.target.closest('.mk-rec-button')) (take ? stop : start)();
});
find('.mk-auto').addEventListener('change', ({target}) => keep(AUTO, target.checked ? 'yes' : 'no'));
// The browser asks before it leaves a page whose recording would be lost.
window.addEventListener('beforeunload', (event) => {
  if (take || pending) event.preventDefault();
});
watch('value', () => props.value && answered(props.value));
