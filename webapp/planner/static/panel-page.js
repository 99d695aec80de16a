/** What panels know of the page around them: who reads, and what that person may do. */

/** Whether the reader drew this plan. */
export const isMine = (state, plan = state.plan) => plan.author.id === state.me.person.id

/** Whether the reader may take this step of the plan now. */
export const may = (plan, deed) => plan.can.includes(deed)

/** The edits that count, newest first: neither undone nor left out by a rebase. */
export const standingOf = (edits) => edits.filter((edit) => !edit.undone && !edit.set_aside)

/** The letters of an identifier that may stand in the id of an element. */
export const partOf = (id) => String(id).replace(/\W/g, '-')
