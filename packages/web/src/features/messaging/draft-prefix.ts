/** Everything that is kept of unsent words begins with it, and goes when one signs out. */
export const draftPrefix = 'atrium-draft:'
