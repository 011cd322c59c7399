// Recorder for gr.HTML: AudioWorklet -> float samples -> 16-bit WAV -> Gradio's upload(). Nothing in
// between: no Opus, no processing by the browser, the device's own rate.
const find = (selector) => element.querySelector(selector);
const words = props.words[(document.documentElement.lang || 'en').split('-')[0]] || props.words.en;
const QUIET_DB = -32, FLOOR_DB = -60, CLIPPED = 0.985, HINT_EVERY_MS = 700;
const TAP = `registerProcessor('moksori-tap', class extends AudioWorkletProcessor {
  process(inputs) {
    if (inputs[0][0]) this.port.postMessage(inputs[0][0].slice());
    return true;
  }
})`;
let take = null;  // {stream, context, node, parts, samples, began, peak, clipped, hintAt}

element.querySelectorAll('[data-word]').forEach((e) => { e.textContent = words[e.dataset.word]; });
find('.mk-level').setAttribute('aria-label', words.rec_level);
let prompt = 0;
const showPrompt = () => { find('.mk-prompt').textContent = words.prompts[prompt % words.prompts.length]; };
showPrompt();

const showHint = (key, kind = '') => {
  const hint = find('.mk-hint');
  hint.textContent = words[key];
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
  const now = performance.now();
  if (now - take.drawn < 40) return;
  take.drawn = now;
  const db = Math.max(FLOOR_DB, 20 * Math.log10(take.peak + 1e-6));
  const level = find('.mk-level');
  level.setAttribute('aria-valuenow', Math.round(db));
  level.firstElementChild.style.width = `${100 * (1 - db / FLOOR_DB)}%`;
  level.dataset.kind = take.peak > CLIPPED ? 'loud' : db > QUIET_DB ? 'good' : '';
  take.loudest = Math.max(take.peak, take.loudest);
  take.peak = 0;
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
  showHint('rec_wait');
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
  take = {stream, context, node, parts: [], samples: 0, peak: 0, loudest: 0, drawn: 0, hintAt: performance.now()};
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

const stop = async () => {
  const done = take;
  take = null;
  showButton(false);
  showHint('rec_saving');
  const settings = done.stream.getAudioTracks()[0].getSettings();
  done.stream.getTracks().forEach((track) => track.stop());
  done.node.disconnect();
  const rate = done.context.sampleRate;
  await done.context.close();
  find('.mk-level').firstElementChild.style.width = 0;
  try {
    const file = new File([wav(done.parts, done.samples, rate)], 'recording.wav', {type: 'audio/wav'});
    const {path} = await upload(file);
    trigger('saved', {path, settings});
    showHint('rec_saved', 'good');
    prompt += 1;
    showPrompt();
  } catch {
    showHint('rec_failed', 'loud');
  }
};

element.addEventListener('click', (event) => {
  if (event.target.closest('.mk-next')) {
    prompt += 1;
    showPrompt();
  } else if (event.target.closest('.mk-rec-button')) {
    (take ? stop : start)();
  }
});
