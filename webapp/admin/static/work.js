/** What the page does: send a file, have it checked, have it written; take a file away. */
import { api, Problem } from '../shared/api.js'
import { t } from '../shared/i18n.js'

/** Reading may take a minute in its sandbox, checking and writing another. */
const PATIENCE_MS = 180_000

/** @param {object} store @returns {object} what the buttons do */
export function createWork(store) {
  const set = (values) => store.dispatch({ type: 'set', values })
  let line = null

  /** Tell a failure where it happened; file and options stay as they are. */
  const fail = (place) => (error) => {
    if (error.name === 'AbortError') return
    if (!(error instanceof Problem)) throw error
    store.dispatch({ type: 'failed', error: { place, sentence: error.message } })
  }

  const forget = () => {
    line?.abort()
    const { upload } = store.state
    if (upload) api.delete(`/imports/${upload.id}`).catch(() => {}) // it is swept within a day
  }

  async function send(file, kind) {
    line = new AbortController()
    store.dispatch({ type: 'begin', busy: 'uploading' })
    const upload = await api.upload('/imports', { kind, name: file.name }, file, {
      signal: line.signal,
      onProgress: (share) => store.dispatch({ type: 'sent', share }),
    })
    store.dispatch({ type: 'uploaded', upload })
  }

  async function check() {
    const { upload, options } = store.state
    store.dispatch({ type: 'begin', busy: 'checking' })
    const { signal } = (line = new AbortController())
    const result = await api.post(`/imports/${upload.id}/check`, said(options), { signal, patienceMs: PATIENCE_MS })
    store.dispatch({ type: 'checked', result, options })
  }

  const work = {
    setMode: (mode) => set({ mode, error: null }),

    chooseKind(kind) {
      if (store.state.busy === 'importing') return
      forget()
      store.dispatch({ type: 'kind', kind })
      if (store.state.file) work.chooseFile(store.state.file) // the columns mean other fields now
    },

    chooseFile(file) {
      const { kind, mostBytes } = store.state
      forget()
      store.dispatch({ type: 'file', file })
      if (file === null) return
      if (file.size > mostBytes) {
        const sentence = t('The file is larger than the %(most)s MB taken here.', { most: Math.floor(mostBytes / 2 ** 20) })
        store.dispatch({ type: 'failed', error: { place: 'file', sentence } })
        return
      }
      send(file, kind).then(work.check, fail('file'))
    },

    option: (values) => store.dispatch({ type: 'option', values }),
    check: () => check().catch(fail('check')),

    /** Say something beside the file, and see what comes of it at once. */
    declare(values) {
      work.option(values)
      return work.check()
    },

    async carryOut() {
      const { upload, options, result } = store.state
      store.dispatch({ type: 'begin', busy: 'importing' })
      try {
        const body = { ...said(options), counts: result.counts }
        const outcome = await api.post(`/imports/${upload.id}/carry-out`, body, { patienceMs: PATIENCE_MS })
        store.dispatch({ type: 'imported', outcome: { ...outcome, bounds: result.bounds, name: upload.name } })
        await work.refresh()
      } catch (error) {
        fail('import')(error)
      }
    },

    /** What may be imported, and whose district it is, may have changed with what was written. */
    async refresh() {
      const [me, imports] = await Promise.all([api.get('/me'), api.get('/imports')])
      set({ me, kinds: imports.items })
    },

    choose: (chosen) => store.dispatch({ type: 'choose', chosen }),

    template: (kind) => download(`/templates/${kind}`, {}, 'template'),
    export: (kind, query) => download(`/exports/${kind}`, query, 'export'),
  }

  async function download(path, query, place) {
    store.dispatch({ type: 'begin', busy: place })
    try {
      const notes = await api.download(path, query)
      store.dispatch({ type: 'set', values: { busy: null, notes } })
    } catch (error) {
      fail(place)(error)
    }
  }

  return work
}

/** Only what was said: an empty field leaves it to the file. */
function said({ mapping, ...options }) {
  const told = Object.fromEntries(Object.entries(options).filter(([, value]) => value.trim() !== ''))
  return { ...told, mapping: Object.fromEntries(Object.entries(mapping).filter(([, column]) => column)) }
}
