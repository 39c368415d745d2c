/** Tab-separated text as spreadsheets put it on the clipboard: quoted cells may hold tabs, newlines and doubled quotes. */

export function readTsv(text: string): string[][] {
  const rows: string[][] = []
  let row: string[] = []
  let cell = ''
  let quoted = false
  let started = false
  const body = text.replace(/\r\n?/g, '\n')
  for (let at = 0; at < body.length; at += 1) {
    const char = body[at]
    if (quoted) {
      if (char !== '"') cell += char
      else if (body[at + 1] === '"') {
        cell += '"'
        at += 1
      } else quoted = false
    } else if (char === '"' && !started) {
      quoted = true
      started = true
    } else if (char === '\t' || char === '\n') {
      row.push(cell)
      cell = ''
      started = false
      if (char === '\n') {
        rows.push(row)
        row = []
      }
    } else {
      cell += char
      started = true
    }
  }
  if (cell !== '' || row.length > 0) rows.push([...row, cell])
  return rows
}

function writeCell(cell: string): string {
  return /["\t\n]/.test(cell) ? `"${cell.replace(/"/g, '""')}"` : cell
}

export function writeTsv(rows: readonly (readonly string[])[]): string {
  return rows.map((row) => row.map(writeCell).join('\t')).join('\n')
}
