/** A text as a QR code: one SVG with a rectangle and a path, no script, no style, nothing to load. */
export async function qrSvg(text: string): Promise<string> {
  const { default: qrcode } = await import('qrcode-generator')
  const code = qrcode(0, 'M')
  code.addData(text)
  code.make()
  const size = code.getModuleCount()
  const dark: string[] = []
  for (let row = 0; row < size; row++) {
    for (let column = 0; column < size; column++) {
      if (code.isDark(row, column)) dark.push(`M${column + quiet},${row + quiet}h1v1h-1z`)
    }
  }
  const side = size + 2 * quiet
  const shape = `<rect width="${side}" height="${side}" fill="#fff"/><path fill="#000" d="${dark.join('')}"/>`
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${side} ${side}" shape-rendering="crispEdges">${shape}</svg>`
}

/** The white edge that readers need, in modules (ISO/IEC 18004). */
const quiet = 4
