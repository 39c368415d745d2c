/** When no frame is painted (a hidden tab), what waits for one goes on after this, ms. */
const NO_FRAME_MS = 100

/** Runs once what is being changed now is on the screen; at once where nothing is painted. Gives a way to call it off. */
export function afterPaint(then: () => void): () => void {
  if (typeof requestAnimationFrame === 'undefined') {
    then()
    return () => {}
  }
  let open = true
  const go = () => {
    if (!open) return
    open = false
    clearTimeout(timer)
    then()
  }
  const timer = setTimeout(go, NO_FRAME_MS)
  // The frame's own work comes first; a task queued in it runs after its paint.
  requestAnimationFrame(() => setTimeout(go))
  return () => { open = false; clearTimeout(timer) }
}
