export default function WorksheetPanel() {
  return null
}
