/** Kept while the page is open: who comes back to the search goes on where it ended. */
export const heldSearch = { text: '', isHere: false, withFile: false }
