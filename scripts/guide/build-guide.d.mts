/** Writes all pages of the guide into a folder. Throws where a link leads nowhere. */
export function buildGuide(folder: string): { pages: number; sections: number }
