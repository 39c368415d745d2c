/** Whether nothing has the keyboard: what had it is gone, and nobody has moved on meanwhile. */
export function isFocusFree(): boolean {
  return document.activeElement === null || document.activeElement === document.body
}
