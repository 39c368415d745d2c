import { QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { keys, makeQueryClient } from '~/api/queries'
import { loadAhead, makeRouter } from '~/router'
import { TooltipProvider } from '~/ui/tooltip'
import './app.css'

const queryClient = makeQueryClient(() => {
  if (router.state.location.pathname === '/sign-in') return
  queryClient.removeQueries({ queryKey: keys.session })
  void router.navigate({ to: '/sign-in', search: { next: router.state.location.href } })
})
const router = makeRouter(queryClient)
loadAhead(router)

const mount = document.getElementById('root')
if (!mount) throw new Error('index.html has no #root')

createRoot(mount).render(
  <StrictMode>
    <QueryClientProvider client={queryClient}>
      <TooltipProvider delayDuration={500} skipDelayDuration={150}>
        <RouterProvider router={router} />
      </TooltipProvider>
    </QueryClientProvider>
  </StrictMode>,
)
