/** A short soft sound for a new incident, made here: no file, nothing to load. */

let context = null

/** Two gentle tones, a little higher for what is serious; about a third of a second. */
export function chime(severity) {
  context ??= new AudioContext()
  if (context.state === 'suspended') context.resume()
  const base = severity <= 2 ? 784 : 587
  for (const [at, pitch] of [
    [0, base],
    [0.11, base * 1.26],
  ]) {
    const start = context.currentTime + at
    const tone = new OscillatorNode(context, { type: 'sine', frequency: pitch })
    const loudness = new GainNode(context, { gain: 0 })
    loudness.gain.setValueAtTime(0, start)
    loudness.gain.linearRampToValueAtTime(0.08, start + 0.02)
    loudness.gain.exponentialRampToValueAtTime(0.0008, start + 0.26)
    tone.connect(loudness).connect(context.destination)
    tone.start(start)
    tone.stop(start + 0.3)
  }
}
