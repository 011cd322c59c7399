// Live conversion: microphone -> AudioWorklet -> 16-bit pieces by POST -> AudioWorklet -> speakers.
// One request is under way at a time; what arrives meanwhile goes with the next one.
const words = () => props.words[(document.documentElement.lang || 'en').split('-')[0]] || props.words.en;
const SEND_SECONDS = 0.02, START_SECONDS = 0.07;
const WORKLETS = `registerProcessor('moksori-live-tap', class extends AudioWorkletProcessor {
  process(inputs) {
    if (inputs[0][0]) this.port.postMessage(inputs[0][0].slice());
    return true;
  }
});
registerProcessor('moksori-live-play', class extends AudioWorkletProcessor {
  constructor(options) {
    super();
    Object.assign(this, {parts: [], at: 0, playing: false, wait: -1, lead: options.processorOptions.lead});
    this.port.onmessage = ({data}) => { this.parts.push(data); };
  }
  process(_, outputs) {
    const out = outputs[0][0];
    if (!this.playing) {  // the first sound waits a moment, so that a later one may be late
      if (!this.parts.length) return true;
      if (this.wait < 0) this.wait = this.lead * sampleRate;
      this.wait -= out.length;
      if (this.wait > 0) return true;
      Object.assign(this, {playing: true, wait: -1});
    }
    for (let i = 0; i < out.length; i += 1) {
      if (!this.parts.length) {
        this.playing = false;
        this.port.postMessage('gap');
        break;
      }
      out[i] = this.parts[0][this.at];
      this.at += 1;
      if (this.at === this.parts[0].length) { this.parts.shift(); this.at = 0; }
    }
    return true;
  }
})`;
let sound = null;  // {stream, context, tap, play, session, waiting, count, busy, gaps, pieces}

const show = (text, kind = '') => {
  const status = element.querySelector('#live-status');
  status.textContent = text;
  status.dataset.kind = kind;
};

const close = async () => {
  const ended = sound;
  sound = null;
  if (!ended) return;
  ended.stream.getTracks().forEach((track) => track.stop());
  ended.tap.disconnect();
  await ended.context.close();
};

const send = async () => {
  const mine = sound;
  if (!mine || !mine.session || mine.busy || mine.count < SEND_SECONDS * mine.context.sampleRate) return;
  const piece = new Int16Array(mine.count);
  let at = 0;
  for (const part of mine.waiting) {
    for (const value of part) { piece[at] = Math.max(-1, Math.min(1, value)) * 32767; at += 1; }
  }
  Object.assign(mine, {waiting: [], count: 0, busy: true});
  try {
    const answer = await fetch(`moksori/live/${mine.session}`, {method: 'POST', body: piece.buffer});
    if (sound !== mine) return;
    if (!answer.ok) {
      show((await answer.text()) || words().live_stopped, 'loud');
      return await close();
    }
    const made = new Int16Array(await answer.arrayBuffer());
    if (made.length) {
      mine.play.port.postMessage(Float32Array.from(made, (value) => value / 32767));
      mine.pieces += 1;
      element.dataset.pieces = mine.pieces;
    }
  } catch {
    if (sound === mine) { show(words().live_stopped, 'loud'); await close(); }
    return;
  }
  mine.busy = false;
  send();
};

const open = async () => {
  await close();
  if (!navigator.mediaDevices) { show(words().live_insecure, 'loud'); return 0; }
  let stream;
  try {
    stream = await navigator.mediaDevices.getUserMedia({audio: {
      channelCount: 1, echoCancellation: false, noiseSuppression: false, autoGainControl: false,
    }});
  } catch {
    show(words().live_denied, 'loud');
    return 0;
  }
  const context = new AudioContext({latencyHint: 'interactive'});
  await context.audioWorklet.addModule(URL.createObjectURL(new Blob([WORKLETS], {type: 'text/javascript'})));
  const tap = new AudioWorkletNode(context, 'moksori-live-tap');
  const play = new AudioWorkletNode(context, 'moksori-live-play', {processorOptions: {lead: START_SECONDS}});
  play.connect(context.destination);
  sound = {stream, context, tap, play, session: '', waiting: [], count: 0, busy: false, gaps: 0, pieces: 0};
  return context.sampleRate;
};

const begin = async (session) => {
  if (!session) { if (sound) show(words().live_off); return close(); }
  if (!sound) return;
  sound.session = session;
  const mine = sound;
  mine.play.port.onmessage = () => { mine.gaps += 1; element.dataset.gaps = mine.gaps; };
  mine.tap.port.onmessage = ({data}) => {
    if (sound !== mine) return;
    mine.waiting.push(data);
    mine.count += data.length;
    send();
  };
  mine.context.createMediaStreamSource(mine.stream).connect(mine.tap);
  show(words().live_on, 'good');
};

window.moksoriLive = {open, begin};
