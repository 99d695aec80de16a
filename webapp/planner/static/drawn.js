/** What of the draft's shapes changed last, for whoever draws them. */

/** @param {{ drawn: { n: number } }} state @returns {object} everything that is drawn may have changed */
export const wholeAnew = ({ drawn }) => ({ features: [], gone: [], whole: true, n: drawn.n + 1 })
