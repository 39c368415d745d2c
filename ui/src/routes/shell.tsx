import { useQuery, useQueryClient, useSuspenseQuery } from '@tanstack/react-query'
import { Link, type LinkProps, Outlet, useNavigate } from '@tanstack/react-router'
import { Suspense, lazy, useEffect, useState } from 'react'
import { api } from '~/api/client'
import { inboxQuery, keys, organisationsQuery, sessionQuery } from '~/api/queries'
import type { Session } from '~/api/types'
import { rememberEstimate, useLastEstimate } from '~/app/last-estimate'
import { useMay } from '~/app/rights'
import { setTheme, useTheme } from '~/app/theme'
import { useJobNotices } from '~/features/jobs/notices'
import { ShellPalette } from '~/features/palette/shell-palette'
import { live } from '~/live'
import { Avatar } from '~/ui/bits'
import { Icon, type IconName } from '~/ui/icons'
import { Menu } from '~/ui/menu'
import { Toaster, toast } from '~/ui/toast'
import { Tooltip } from '~/ui/tooltip'
import { ROLE_NAMES } from '~/ui/words'

const InboxDrawer = lazy(() => import('~/features/comments/inbox'))

const ENTITY_KEYS: Record<string, readonly unknown[]> = {
  tender: keys.tenders, estimate: keys.tenders, resource: keys.resources, recipe: keys.recipes, unit: keys.units, company: keys.companies, job: keys.jobs, branding: keys.branding, thresholds: keys.thresholds, categorisation: keys.categorisations,
  'content-kind': keys.contentKinds, 'price-book': keys.priceBooks,
}

/** Rows that carry options of categorisations. */
const LABELLED = ['tender', 'resource', 'item', 'company']

/** The signed-in frame: navigation at the left, the screen, toasts; keeps the live link while it is up. */
export default function Shell() {
  const client = useQueryClient()
  const lastEstimate = useLastEstimate()
  const { data: session } = useSuspenseQuery(sessionQuery)
  const decides = useMay('decide')
  useJobNotices()
  useEffect(() => {
    live.start()
    const off = live.onLibrary((changed) => {
      // One's own commits come here too, from whatever screen they were made on.
      void client.invalidateQueries({ queryKey: keys.libraryUndo })
      for (const entity of new Set(changed.map((one) => one.entity))) {
        const key = ENTITY_KEYS[entity]
        if (LABELLED.includes(entity)) void client.invalidateQueries({ queryKey: keys.everyLabel })
        if (key) void client.invalidateQueries({ queryKey: key })
        if (entity === 'mention' && changed.some((one) => one.entity === 'mention' && one.id === session.user.id)) void client.invalidateQueries({ queryKey: keys.inbox })
        if (entity === 'comment') for (const one of changed) if (one.entity === 'comment') void client.invalidateQueries({ queryKey: keys.comments(one.id) })
        if (entity === 'item') void client.invalidateQueries({ queryKey: ['estimate'], predicate: ({ queryKey }) => queryKey[2] === 'categories' || (queryKey[2] === 'rows' && String(queryKey[3]).includes('|')) })
        if (entity === 'attachment') for (const one of changed) if (one.entity === 'attachment') void client.invalidateQueries({ queryKey: keys.attachments(one.id) })
        if (entity === 'content-kind') void client.invalidateQueries({ queryKey: ['estimate'], predicate: ({ queryKey }) => queryKey[2] === 'content' })
        if (entity === 'resource' || entity === 'recipe') void client.invalidateQueries({ queryKey: keys.catalogue })
      }
    })
    return () => { off(); live.stop() }
  }, [client, session.user.id])

  return (
    <div className="flex h-full">
      <a href="#main" className="sr-only focus:not-sr-only focus:fixed focus:top-2 focus:left-2 focus:z-[90] focus:rounded-md focus:bg-acc focus:px-3 focus:py-2 focus:text-acc-ink">
        Skip to content
      </a>
      <nav aria-label="Main" className="flex w-13 shrink-0 flex-col items-center gap-1 border-r border-line bg-pane py-2.5">
        <Link to="/tenders" aria-label="oxFlow, to the tenders" className="mb-2 grid size-9 place-items-center text-base font-bold tracking-tight text-acc">ox</Link>
        <NavLink to="/tenders" icon="tenders" label="Tenders" />
        {lastEstimate && <NavLink to="/estimates/$estimateId" params={{ estimateId: lastEstimate }} icon="estimate" label="Estimate" />}
        <NavLink to="/resources" icon="resources" label="Resources" />
        <NavLink to="/recipes" icon="recipes" label="Recipes" />
        <NavLink to="/companies" icon="companies" label="Companies" />
        <NavLink to="/jobs" icon="jobs" label="Jobs" />
        <NavLink to="/rules" icon="rules" label="Rules" />
        <NavLink to="/categories" icon="filter" label="Categories" />
        <NavLink to="/branding" icon="file" label="Letterhead" />
        <NavLink to="/offer-texts" icon="text" label="Offer texts" />
        <NavLink to="/back-up" icon="history" label="Back-up" />
        {decides && <NavLink to="/audit" icon="audit" label="Audit" />}
        <div className="flex-1" />
        <InboxButton />
        <NavLink to="/settings" icon="settings" label="Settings" />
        <UserMenu />
      </nav>
      <div className="flex min-w-0 flex-1 flex-col">
        <StagingBanner />
        <div className="min-h-0 flex-1"><Outlet /></div>
      </div>
      <ShellPalette />
      <Toaster />
    </div>
  )
}

/** Says on every screen that this is a copy: nobody may take its prices for real ones. */
function StagingBanner() {
  const { data: session } = useSuspenseQuery(sessionQuery)
  if (!session?.staging) return null
  return (
    <div role="status" className="shrink-0 border-b border-line bg-warn2 px-4 py-1 text-center text-xs font-medium text-warn">
      {session.staging.containsOriginals
        ? 'Staging: names and prices are invented, but the history contains originals. Nothing is sent outside.'
        : 'Staging: names and prices are invented. Nothing is sent outside.'}
    </div>
  )
}

function NavLink({ to, params, icon, label }: { to: LinkProps['to']; params?: Record<string, string>; icon: IconName; label: string }) {
  return (
    <Tooltip text={label} side="right">
      <Link
        to={to} params={params as never} aria-label={label} activeOptions={{ exact: false }}
        className="grid size-9 place-items-center rounded-lg text-ink3 transition-colors hover:bg-line2 hover:text-ink data-[status=active]:bg-acc2 data-[status=active]:text-acc"
      >
        <Icon name={icon} size={18} />
      </Link>
    </Tooltip>
  )
}

/** How many comments that mention this person wait to be read, and the way to them. */
function InboxButton() {
  const [open, setOpen] = useState(false)
  const { data: inbox } = useQuery(inboxQuery)
  const unread = inbox?.unread ?? 0
  const label = unread > 0 ? `Inbox, ${unread} not read` : 'Inbox'
  return (
    <>
      <Tooltip text={label} side="right">
        <button type="button" aria-label={label} onClick={() => setOpen(true)} className="relative grid size-9 place-items-center rounded-lg text-ink3 hover:bg-line2 hover:text-ink">
          <Icon name="inbox" size={18} />
          {unread > 0 && <span aria-hidden="true" className="absolute top-0.5 right-0 grid min-w-4 place-items-center rounded-full bg-acc px-1 text-[10px] leading-4 font-semibold text-acc-ink">{unread > 99 ? '99+' : unread}</span>}
        </button>
      </Tooltip>
      {open && <Suspense fallback={null}><InboxDrawer onClose={() => setOpen(false)} /></Suspense>}
    </>
  )
}

function UserMenu() {
  const { data: session } = useSuspenseQuery(sessionQuery)
  const client = useQueryClient()
  const navigate = useNavigate()
  const theme = useTheme()
  const organisations = useQuery(organisationsQuery).data?.items ?? []
  const goTo = async (organisationId: string) => {
    try {
      const next = await api.post<Session>('/session/organisation', { organisationId })
      live.stop()
      rememberEstimate(null)
      client.clear()
      client.setQueryData(keys.session, next)
      live.start()
      await navigate({ to: '/tenders' })
    } catch (error) {
      toast.refused('You could not go to that organisation', error)
    }
  }
  const signOut = async () => {
    try {
      await api.delete('/session')
      client.clear()
      // The provider's own session ends there; otherwise its button would let anybody at this machine back in.
      if (session.signOutUrl) window.location.assign(session.signOutUrl)
      else await navigate({ to: '/sign-in' })
    } catch (error) {
      toast.refused('You could not be signed out', error)
    }
  }
  return (
    <Menu
      side="right" align="end"
      trigger={
        <button type="button" aria-label={`${session.user.name}: theme and sign out`} className="grid size-9 place-items-center rounded-lg hover:bg-line2">
          <Avatar id={session.user.id} name={session.user.name} />
        </button>
      }
      items={[
        { heading: <><b className="text-xs text-ink">{session.user.name}</b><br />{ROLE_NAMES[session.user.role]} · {session.organisation.name}</> },
        'separator',
        { label: 'Light', icon: 'sun', checked: theme === 'light', onSelect: () => setTheme('light') },
        { label: 'Dark', icon: 'moon', checked: theme === 'dark', onSelect: () => setTheme('dark') },
        { label: 'As the system', icon: 'screen', checked: theme === 'system', onSelect: () => setTheme('system') },
        'separator',
        ...(organisations.length > 1
          ? [{ heading: 'Organisation' }, ...organisations.map((one) => ({ label: one.name, icon: 'companies' as const, checked: one.id === session.organisation.id, onSelect: () => { if (one.id !== session.organisation.id) void goTo(one.id) } })), 'separator' as const]
          : []),
        { label: 'Sign out', icon: 'signOut', onSelect: () => void signOut() },
        { heading: `Version ${session.version}` },
      ]}
    />
  )
}
