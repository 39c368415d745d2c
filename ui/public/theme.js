// Applied before the first paint so that a chosen theme never flashes. An own file: the content
// security policy allows no inline script.
;(function () {
  try {
    var theme = localStorage.getItem('oxflow.theme')
    if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme
  } catch {
    // Storage may be blocked; the system theme applies.
  }
})()
