/**
 * The database on the phone, one for this server. Accounts hold their keys; all else is sealed, beside what is needed
 * to count and to order: whose it is, its state, its turn, its size.
 */
import { newKey, Vault } from './vault.js'
import { QueueProblem } from './problem.js'

const NAME = 'gridmap-patrol'
const VERSION = 1
const STORES = ['accounts', 'items', 'pieces', 'kept']

/**
 * @typedef {{ sequence?: number, account: number, id: string, state: 'waiting'|'received'|'refused', held: boolean,
 *             exported: boolean, bytes: number, sealed: import('./vault.js').Sealed,
 *             thumb: import('./vault.js').Sealed|null }} Row
 */

/** @returns {Promise<Store>} */
export async function openStore() {
  if (!globalThis.isSecureContext || !globalThis.crypto?.subtle) throw new QueueProblem('insecure')
  const request = open()
  request.onupgradeneeded = () => makeStores(request.result)
  try {
    return new Store(await answer(request))
  } catch (error) {
    throw new QueueProblem('closed', { cause: error })
  }
}

function open() {
  try {
    return indexedDB.open(NAME, VERSION)
  } catch (error) {
    throw new QueueProblem('closed', { cause: error })
  }
}

function makeStores(db) {
  db.createObjectStore('accounts', { keyPath: 'id' })
  const items = db.createObjectStore('items', { keyPath: 'sequence', autoIncrement: true })
  items.createIndex('account', 'account')
  items.createIndex('id', ['account', 'id'], { unique: true })
  items.createIndex('state', 'state')
  items.createIndex('account-state', ['account', 'state'])
  db.createObjectStore('pieces')
  db.createObjectStore('kept', { keyPath: ['account', 'name'] })
}

/** @param {IDBRequest} request @returns {Promise<any>} */
function answer(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error)
  })
}

/** What the disk says, as a sentence where it is one for people. */
const told = (error) => (error?.name === 'QuotaExceededError' ? new QueueProblem('full', { cause: error }) : error)

export class Store {
  /** @param {IDBDatabase} db */
  constructor(db) {
    this.db = db
    // A newer page may need another form of the database: this one lets go and is reloaded sooner or later.
    db.onversionchange = () => db.close()
  }

  /**
   * Do several things at once or none; resolved when it is on the disk.
   * @template T
   * @param {'readonly'|'readwrite'} mode
   * @param {(stores: Record<string, IDBObjectStore>) => T} work  may not wait for anything but the database
   * @returns {Promise<T>}
   */
  run(mode, work) {
    return new Promise((resolve, reject) => {
      const turn = this.db.transaction(STORES, mode, { durability: 'strict' })
      let result
      turn.oncomplete = () => resolve(result)
      turn.onabort = () => reject(told(turn.error))
      try {
        result = work(Object.fromEntries(STORES.map((name) => [name, turn.objectStore(name)])))
      } catch (error) {
        reject(told(error))
        turn.abort()
      }
    })
  }

  /** Read something. @param {(stores: Record<string, IDBObjectStore>) => IDBRequest} ask */
  read(ask) {
    return this.run('readonly', ask).then((request) => request.result)
  }

  /**
   * The vault of an account; its key is made when it comes first.
   * @param {number} account
   * @returns {Promise<Vault>}
   */
  async vault(account) {
    const known = await this.read(({ accounts }) => accounts.get(account))
    if (known) return new Vault(known.key)
    const key = await newKey()
    // Another tab may have been quicker: the first key stays, or what it sealed could never be opened.
    await this.run('readwrite', ({ accounts }) => {
      accounts.get(account).onsuccess = ({ target }) => target.result ?? accounts.put({ id: account, key, usedAt: 0 })
    })
    return new Vault((await this.read(({ accounts }) => accounts.get(account))).key)
  }

  /** @param {number} account @returns {Promise<Row[]>} in the order in which they came */
  rows(account) {
    return this.read(({ items }) => items.index('account').getAll(account))
  }

  /** How many items of everyone else still wait on this phone. @param {number|null} account */
  async othersWaiting(account) {
    const counts = ['waiting', 'refused'].map(async (state) => {
      const all = await this.read(({ items }) => items.index('state').count(state))
      if (account === null) return all
      return all - (await this.read(({ items }) => items.index('account-state').count([account, state])))
    })
    return (await Promise.all(counts)).reduce((sum, n) => sum + n, 0)
  }

  /** @param {number} account @param {string} id @returns {Promise<Row|undefined>} */
  row(account, id) {
    return this.read(({ items }) => items.index('id').get([account, id]))
  }

  /**
   * Keep new items, at the end: all of them, or none. The draft they were made of goes at the same moment, so that
   * whatever happens there is either the draft or what became of it.
   * @param {Row[]} rows
   * @param {string|null} [draft]  its name
   * @returns {Promise<Row[]>} those that were not kept already
   */
  async add(rows, draft = null) {
    const added = []
    await this.run('readwrite', (stores) => {
      const { items } = stores
      for (const row of rows) {
        items.index('id').getKey([row.account, row.id]).onsuccess = ({ target: { result: known } }) => {
          if (known !== undefined) return
          items.add(row).onsuccess = ({ target }) => added.push({ ...row, sequence: target.result })
        }
      }
      if (draft) dropDraft(stores, rows[0].account, draft)
    })
    return added
  }

  /**
   * Change rows as they are at that moment, whoever else has changed them: all of them, or none.
   * @param {{ sequence: number, from: Row['state'], marks: Partial<Row> }[]} changes  `from`: a row that has another
   *   state by then is left alone. What has been received loses its photos.
   * @returns {Promise<Row[]>} those that were changed
   */
  async change(changes) {
    const changed = []
    await this.run('readwrite', ({ items, pieces }) => {
      for (const { sequence, from, marks } of changes) {
        items.get(sequence).onsuccess = ({ target: { result: row } }) => {
          if (row?.state !== from) return
          changed.push({ ...row, ...marks })
          items.put({ ...row, ...marks })
          if (marks.state === 'received') pieces.delete(piecesOf(row.account, row.id))
        }
      }
    })
    return changed
  }

  /** @param {Row[]} rows */
  remove(rows) {
    return this.run('readwrite', ({ items, pieces }) => {
      for (const row of rows) {
        items.delete(row.sequence)
        pieces.delete(piecesOf(row.account, row.id))
      }
    })
  }

  /** @param {[number, string, number, number]} key  account, item, photo, piece */
  putPiece(key, sealed) {
    return this.run('readwrite', ({ pieces }) => pieces.put(sealed, key))
  }

  /** @param {[number, string, number, number]} key */
  piece(key) {
    return this.read(({ pieces }) => pieces.get(key))
  }

  /** What was begun and not yet put into the queue, the latest first. @param {number} account */
  async drafts(account) {
    const rows = await this.read(({ kept }) => kept.getAll(keptOf(account)))
    return rows.filter(({ name }) => isDraft(name)).sort((one, other) => other.at - one.at)
  }

  /** How many drafts everyone else has on this phone. @param {number|null} account */
  async othersDrafts(account) {
    const keys = await this.read(({ kept }) => kept.getAllKeys())
    return keys.filter(([whose, name]) => isDraft(name) && whose !== account).length
  }

  /**
   * Keep a draft as it is now, with its photos: all of it, or none.
   * @param {{ account: number, name: string, at: number, sealed: import('./vault.js').Sealed }} row
   * @param {{ key: [number, string, number, number], sealed: import('./vault.js').Sealed }[]} added  pieces of photos
   * @param {number[]} removed  photos that were taken away
   */
  keepDraft(row, added, removed) {
    return this.run('readwrite', ({ kept, pieces }) => {
      kept.put(row)
      for (const { key, sealed } of added) pieces.put(sealed, key)
      for (const photo of removed) pieces.delete(piecesOf(row.account, row.name, photo))
    })
  }

  /** @param {number} account @param {string} name */
  dropDraft(account, name) {
    return this.run('readwrite', (stores) => dropDraft(stores, account, name))
  }

  /** Forget what was kept to look at, whoever's it was; drafts are work, and stay. */
  forgetKept() {
    return this.run('readwrite', ({ kept }) => {
      kept.getAllKeys().onsuccess = ({ target: { result: keys } }) => {
        for (const key of keys.filter(([, name]) => !isDraft(name))) kept.delete(key)
      }
    })
  }

  /** Pieces whose item never came to be: the phone died between them and it. @param {number} account */
  async dropOrphans(account) {
    const keys = await this.read(({ pieces }) => pieces.getAllKeys(piecesOf(account)))
    const rows = await this.rows(account)
    const waiting = rows.filter((row) => row.state !== 'received').map((row) => row.id)
    const known = new Set([...waiting, ...(await this.drafts(account)).map(({ name }) => name)])
    const lost = new Set(keys.map(([, id]) => id).filter((id) => !known.has(id)))
    if (lost.size === 0) return
    await this.run('readwrite', ({ pieces }) => lost.forEach((id) => pieces.delete(piecesOf(account, id))))
  }
}

/** All pieces of an account, of one item, or of one photo. */
const piecesOf = (...start) => IDBKeyRange.bound(start, [...start, []])

/** Everything kept for an account. */
const keptOf = (account) => IDBKeyRange.bound([account], [account, []])

/** Drafts lie beside what is kept to look at, told apart by their names. */
export const draftName = (id) => `draft/${id}`
const isDraft = (name) => name.startsWith('draft/')

function dropDraft({ kept, pieces }, account, name) {
  kept.delete([account, name])
  pieces.delete(piecesOf(account, name))
}
