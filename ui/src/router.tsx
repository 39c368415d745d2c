import type { QueryClient } from '@tanstack/react-query'
import { createRootRouteWithContext, createRoute, createRouter, lazyRouteComponent, Outlet, redirect } from '@tanstack/react-router'
import { z } from 'zod/mini'
import { isProblem } from '~/api/client'
import { estimateQuery, sessionQuery } from '~/api/queries'
import { parseSearch, word } from '~/app/search'
import { EmptyState, Spinner } from '~/ui/bits'
import { ProblemPanel } from '~/ui/problem'

/*
 * Every screen is its own chunk, loaded on the way to it; the pointer resting on a link starts the load.
 * A screen's file in routes/ exports its component as default.
 */

const root = createRootRouteWithContext<{ queryClient: QueryClient }>()({
  component: Outlet,
  notFoundComponent: () => (
    <main id="main"><EmptyState icon="search" title="This page does not exist"><a className="text-acc underline" href="/tenders">To the tenders</a></EmptyState></main>
  ),
})

const signIn = createRoute({
  getParentRoute: () => root, path: '/sign-in',
  validateSearch: z.object({ next: z.catch(z.optional(z.string().check(z.regex(/^\/(?![/\\])/))), undefined), error: z.catch(z.optional(z.string().check(z.regex(/^[a-z-]+$/))), undefined) }),
  component: lazyRouteComponent(() => import('./routes/sign-in')),
})

const shell = createRoute({
  getParentRoute: () => root, id: 'shell',
  beforeLoad: async ({ context, location }) => {
    try {
      await context.queryClient.ensureQueryData(sessionQuery)
    } catch (error) {
      if (isProblem(error) && (error.status === 401 || error.code === 'user-deactivated')) {
        throw redirect({ to: '/sign-in', search: location.href === '/' ? {} : { next: location.href } })
      }
      throw error
    }
  },
  component: lazyRouteComponent(() => import('./routes/shell')),
})

const index = createRoute({ getParentRoute: () => shell, path: '/', beforeLoad: () => { throw redirect({ to: '/tenders' }) } })
/** Options of categorisations, parted by commas. */
const options = z.catch(z.optional(z.string().check(z.regex(/^[0-9a-f,-]+$/))), undefined)
const tenders = createRoute({
  getParentRoute: () => shell, path: '/tenders',
  validateSearch: z.object({
    q: word, sort: word,
    // One state or several, parted by commas; the server says which there are.
    state: z.catch(z.optional(z.string().check(z.regex(/^[a-z,-]+$/))), undefined),
    closes: z.catch(z.optional(z.enum(['week', 'month', 'past'])), undefined),
    view: z.catch(z.optional(z.literal('board')), undefined),
    options,
  }),
  component: lazyRouteComponent(() => import('./routes/tenders')),
})
const tender = createRoute({ getParentRoute: () => shell, path: '/tenders/$tenderId', component: lazyRouteComponent(() => import('./routes/tender')) })
const estimate = createRoute({
  getParentRoute: () => shell, path: '/estimates/$estimateId',
  // `node` is the row to go to when the estimate opens: links from checks, searches and usages.
  // Of what is no commit at all, the history says that there is no such moment.
  validateSearch: z.object({ node: word, tab: z.catch(z.optional(z.literal('history')), undefined), at: z.catch(z.optional(z.number()), 0) }),
  // Comes together with the screen; not for a pointer that rests on a link, as only an open estimate hears of changes.
  loader: ({ context, params, cause }) => (cause === 'preload' ? undefined : context.queryClient.prefetchQuery(estimateQuery(params.estimateId))),
  component: lazyRouteComponent(() => import('./routes/estimate')),
})
const importSchedule = createRoute({ getParentRoute: () => shell, path: '/estimates/$estimateId/import', component: lazyRouteComponent(() => import('./routes/import')) })
const commercials = createRoute({
  getParentRoute: () => shell, path: '/estimates/$estimateId/commercials',
  validateSearch: z.object({ view: z.catch(z.optional(z.enum(['items', 'scenarios'])), undefined) }),
  component: lazyRouteComponent(() => import('./routes/commercials')),
})
const content = createRoute({ getParentRoute: () => shell, path: '/estimates/$estimateId/content', component: lazyRouteComponent(() => import('./routes/content')) })
const byCategory = createRoute({
  getParentRoute: () => shell, path: '/estimates/$estimateId/categories', validateSearch: z.object({ by: word }),
  component: lazyRouteComponent(() => import('./routes/by-category')),
})
const packages = createRoute({ getParentRoute: () => shell, path: '/estimates/$estimateId/packages', component: lazyRouteComponent(() => import('./routes/packages')) })
const onePackage = createRoute({
  getParentRoute: () => shell, path: '/estimates/$estimateId/packages/$packageId',
  validateSearch: z.object({ round: z.catch(z.optional(z.number()), undefined) }),
  component: lazyRouteComponent(() => import('./routes/package')),
})
const submission = createRoute({ getParentRoute: () => shell, path: '/estimates/$estimateId/submission', component: lazyRouteComponent(() => import('./routes/submission')) })
const compare = createRoute({
  getParentRoute: () => shell, path: '/estimates/$estimateId/compare', validateSearch: z.object({ with: word, withAt: z.catch(z.optional(z.number()), undefined), at: z.catch(z.optional(z.number()), undefined) }),
  component: lazyRouteComponent(() => import('./routes/compare')),
})
const resources = createRoute({
  getParentRoute: () => shell, path: '/resources',
  validateSearch: z.object({
    q: word, sort: word, book: word, tab: z.catch(z.optional(z.enum(['units', 'books'])), undefined), state: z.catch(z.optional(z.enum(['active', 'retired', 'unused'])), undefined),
    options,
    type: z.catch(z.optional(z.enum(['labour', 'plant', 'material', 'subcontract', 'other'])), undefined),
  }),
  component: lazyRouteComponent(() => import('./routes/resources')),
})
const recipes = createRoute({ getParentRoute: () => shell, path: '/recipes', component: lazyRouteComponent(() => import('./routes/recipes')) })
const recipe = createRoute({ getParentRoute: () => shell, path: '/recipes/$recipeId', component: lazyRouteComponent(() => import('./routes/recipe')) })
const companies = createRoute({
  getParentRoute: () => shell, path: '/companies',
  validateSearch: z.object({
    q: word, sort: word, role: z.catch(z.optional(z.enum(['client', 'supplier', 'subcontractor'])), undefined),
    state: z.catch(z.optional(z.enum(['archived', 'all'])), undefined),
    options,
  }),
  component: lazyRouteComponent(() => import('./routes/companies')),
})
const rules = createRoute({ getParentRoute: () => shell, path: '/rules', component: lazyRouteComponent(() => import('./routes/rules')) })
const categories = createRoute({ getParentRoute: () => shell, path: '/categories', component: lazyRouteComponent(() => import('./routes/categories')) })
const branding = createRoute({ getParentRoute: () => shell, path: '/branding', component: lazyRouteComponent(() => import('./routes/branding')) })
const offerTexts = createRoute({ getParentRoute: () => shell, path: '/offer-texts', component: lazyRouteComponent(() => import('./routes/offer-texts')) })
const settings = createRoute({
  getParentRoute: () => shell, path: '/settings', validateSearch: z.object({ tab: z.catch(z.optional(z.enum(['tokens', 'people', 'server'])), undefined) }),
  component: lazyRouteComponent(() => import('./routes/settings')),
})
const backUp = createRoute({ getParentRoute: () => shell, path: '/back-up', component: lazyRouteComponent(() => import('./routes/back-up')) })
const audit = createRoute({
  getParentRoute: () => shell, path: '/audit',
  validateSearch: z.object({ of: z.catch(z.optional(z.literal('access')), undefined), q: word, person: word, kind: word, estimate: word, object: word, command: word, from: word, to: word }),
  component: lazyRouteComponent(() => import('./routes/audit')),
})
const jobs = createRoute({ getParentRoute: () => shell, path: '/jobs', component: lazyRouteComponent(() => import('./routes/jobs')) })

const routeTree = root.addChildren([
  signIn,
  shell.addChildren([index, tenders, tender, estimate, importSchedule, commercials, packages, onePackage, content, byCategory, submission, compare, resources, recipes, recipe, companies, rules, categories, branding, offerTexts, backUp, settings, audit, jobs]),
])

export function makeRouter(queryClient: QueryClient) {
  return createRouter({
    routeTree,
    parseSearch,
    context: { queryClient },
    defaultPreload: 'intent',
    defaultPendingMs: 200,
    // A screen that is there is not kept back for the sake of the spinner.
    defaultPendingMinMs: 0,
    defaultPendingComponent: () => <div className="grid h-full place-items-center"><Spinner /></div>,
    defaultErrorComponent: ({ error, reset }) => <main id="main"><ProblemPanel error={error} retry={reset} /></main>,
    scrollRestoration: true,
  })
}

/** Asks at once for what the first screen waits for, rather than for one thing after the other: who is signed in, the estimate, the screen's chunks. */
export function loadAhead(router: ReturnType<typeof makeRouter>): void {
  const { queryClient } = router.options.context
  const matches = router.matchRoutes(router.latestLocation)
  // Connections are few, and the answers are small: they go before the chunks.
  if (matches.some(({ routeId }) => routeId === shell.id)) void queryClient.prefetchQuery(sessionQuery)
  for (const match of matches) if (match.routeId === estimate.id) void queryClient.prefetchQuery(estimateQuery(match.params.estimateId))
  for (const { routeId } of matches) void router.loadRouteChunk(router.routesById[routeId as keyof typeof router.routesById])
}

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof makeRouter>
  }
}
