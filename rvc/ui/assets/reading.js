// Sees when a sentence was read: enough speech for its length, then silence. Levels come 25 times a
// second; the room's own level is followed, so that noise is not taken for speech.
const READING = {
  frameSeconds: 0.04, aboveFloorDb: 12, leastDb: -52, silenceSeconds: 0.9, leastSpeechSeconds: 0.8,
  readShare: 0.5, lettersPerSecond: 15, syllablesPerSecond: 6.5, floorSeconds: 6, lowest: 0.1,
};

const readingSeconds = (sentence) => {
  const syllables = (sentence.match(/[\uac00-\ud7a3]/g) || []).length;
  return syllables ? syllables / READING.syllablesPerSecond : sentence.length / READING.lettersPerSecond;
};

const readingOf = (sentence) => {
  const wanted = Math.max(READING.leastSpeechSeconds, READING.readShare * readingSeconds(sentence));
  return {
    wanted, speech: 0, silence: 0,
    // Take the level in dB of one frame; return whether the sentence was read.
    hear(db, room) {
      const speaks = db > Math.max(READING.leastDb, room + READING.aboveFloorDb);
      this.speech += speaks ? READING.frameSeconds : 0;
      this.silence = speaks ? 0 : this.silence + READING.frameSeconds;
      return this.speech >= wanted && this.silence >= READING.silenceSeconds;
    },
  };
};

// The level below which a tenth of the last seconds lies.
const roomLevel = () => {
  const levels = [], most = READING.floorSeconds / READING.frameSeconds;
  return (db) => {
    levels.push(db);
    if (levels.length > most) levels.shift();
    return [...levels].sort((a, b) => a - b)[Math.floor(READING.lowest * levels.length)];
  };
};

