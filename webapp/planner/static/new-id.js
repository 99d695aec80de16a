/** Ids for grids that an edit makes: given by the page, so that the same edit makes the same grid wherever it is replayed. */
export const newId = () => `new-${crypto.randomUUID().slice(0, 13)}`
