import type { LinkProps } from '@tanstack/react-router'
import type { IconName } from '~/ui/icons'

export interface Place {
  to: NonNullable<LinkProps['to']>
  label: string
  icon: IconName
}

/** The screens of the main navigation, in its order. */
export const PLACES: readonly Place[] = [
  { to: '/tenders', label: 'Tenders', icon: 'tenders' },
  { to: '/resources', label: 'Resources', icon: 'resources' },
  { to: '/recipes', label: 'Recipes', icon: 'recipes' },
  { to: '/companies', label: 'Companies', icon: 'companies' },
  { to: '/jobs', label: 'Jobs', icon: 'jobs' },
  { to: '/rules', label: 'Rules', icon: 'rules' },
  { to: '/categories', label: 'Categories', icon: 'filter' },
  { to: '/branding', label: 'Letterhead', icon: 'file' },
  { to: '/offer-texts', label: 'Offer texts', icon: 'text' },
  { to: '/back-up', label: 'Back-up', icon: 'history' },
  { to: '/audit', label: 'Audit', icon: 'audit' },
]

let claims = 0

/** A screen with a palette of its own answers Ctrl+K while it is up; gives what lets go again. */
export function claimPalette(): () => void {
  claims += 1
  return () => { claims -= 1 }
}

/** Whether a screen answers Ctrl+K itself. */
export function isPaletteClaimed(): boolean {
  return claims > 0
}
