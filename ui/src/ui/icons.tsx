import type { SVGProps } from 'react'

/** 16 px stroke icons, decorative: the control around them carries the name. */
const PATHS = {
  tenders: 'M3 2.5h10v11H3zM5.5 5.5h5M5.5 8h5M5.5 10.5h3',
  estimate: 'M2.5 3h11M5 6.3h8.5M5 9.6h8.5M7.5 13h6M2.5 3v10',
  resources: 'M8 1.8l5.7 3v6.4L8 14.2l-5.7-3V4.8zM2.3 4.8L8 8l5.7-3.2M8 8v6.2',
  recipes: 'M6 1.8h4M6.8 1.8v4.4L3 12.6c-.4.8.1 1.6 1 1.6h8c.9 0 1.400-.8 1-1.600L9.200 6.200V1.800M4.700 10h6.600',
  companies: 'M2.500 14V3.500h6V14M8.500 6.500h5V14M1.500 14h13M4.500 6h2M4.500 8.500h2M4.500 11h2M10.700 9h.8M10.700 11.500h.8',
  jobs: 'M8 4.500V8l2.500 1.500M8 2a6 6 0 106 6 6 6 0 00-6-6z',
  rules: 'M8 2v12M4 14h8M3 4.500h10M3 4.500L1.300 9.300a2 2 0 003.400 0zM13 4.500l-1.700 4.800a2 2 0 003.400 0z',
  inbox: 'M2 9.500h3.500l1 2h3l1-2H14M2 9.500L4 3h8l2 6.500V13H2z',
  comment: 'M2.500 3h11v8h-6l-3 2.500V11h-2z',
  audit: 'M8 1.800l5 1.900v4.100c0 3-2.100 5.200-5 6.400-2.900-1.200-5-3.400-5-6.400V3.700zM5.700 7.800l1.700 1.700 3-3.200',
  settings: 'M8 10.200a2.200 2.200 0 100-4.400 2.200 2.200 0 000 4.400zM8 1.500v2M8 12.500v2M1.500 8h2M12.500 8h2M3.400 3.400l1.400 1.400M11.200 11.200l1.400 1.400M12.600 3.400l-1.400 1.400M4.800 11.200l-1.400 1.400',
  undo: 'M3 6.500h6.500a3.500 3.500 0 010 7H6M3 6.500L6 3.500M3 6.500l3 3',
  redo: 'M13 6.500H6.500a3.500 3.500 0 000 7H10M13 6.500l-3-3M13 6.500l-3 3',
  search: 'M7 12A5 5 0 107 2a5 5 0 000 10zM10.800 10.800L14 14',
  plus: 'M8 3v10M3 8h10',
  close: 'M4 4l8 8M12 4l-8 8',
  check: 'M3 8.500l3.200 3.200L13 4.500',
  chevronDown: 'M4 6l4 4 4-4',
  chevronRight: 'M6 4l4 4-4 4',
  chevronUp: 'M4 10l4-4 4 4',
  more: 'M3.500 8h.01M8 8h.01M12.500 8h.01',
  warning: 'M8 2.500L14.500 13.500h-13zM8 6.500v3.200M8 11.600v.1',
  download: 'M8 2v8M4.800 7L8 10.200 11.200 7M2.500 13.500h11',
  upload: 'M8 10.500v-8M4.800 5.500L8 2.300l3.200 3.200M2.500 13.500h11',
  columns: 'M2.500 2.500h11v11h-11zM6.200 2.500v11M9.800 2.500v11',
  history: 'M2.600 8a5.400 5.400 0 101.700-3.900L2.600 5.600M2.600 2.600v3h3M8 5v3.200l2.200 1.300',
  panel: 'M2.500 2.500h11v11h-11zM9.500 2.500v11',
  sun: 'M8 10.800a2.800 2.800 0 100-5.600 2.800 2.800 0 000 5.600zM8 1.500v1.500M8 13v1.500M1.500 8H3M13 8h1.500M3.400 3.400l1 1M11.600 11.600l1 1M12.600 3.400l-1 1M4.400 11.600l-1 1',
  moon: 'M13 9.500A5.500 5.500 0 016.500 3a5.500 5.500 0 106.500 6.500z',
  screen: 'M2 3h12v8H2zM6 13.500h4M8 11v2.500',
  signOut: 'M6.500 2.500h-4v11h4M6.500 8h7M11 5.500L13.500 8 11 10.500',
  user: 'M8 8a2.700 2.700 0 100-5.400A2.700 2.700 0 008 8zM2.800 13.800a5.300 5.300 0 0110.400 0',
  trash: 'M2.500 4h11M6 4V2.500h4V4M4 4l.7 9.500h6.600L12 4M6.700 6.700v4.200M9.300 6.700v4.200',
  copy: 'M5.500 5.500h8v8h-8zM3 10.500h-.5v-8h8V3',
  keyboard: 'M1.500 4h13v8.500h-13zM4 6.700h.01M6.700 6.700h.01M9.300 6.700h.01M12 6.700h.01M4.500 10h7',
  link: 'M6.500 9.500l3-3M7 4.500l1.300-1.300a3 3 0 014.300 4.300L11.300 8.800M9 11.500l-1.300 1.300a3 3 0 01-4.300-4.300L4.700 7.200',
  text: 'M3 3.500h10M3 7h10M3 10.500h6',
  filter: 'M2 3h12L9.500 8.500v4.300l-3 1V8.500z',
  info: 'M8 14A6 6 0 108 2a6 6 0 000 12zM8 7.300v3.600M8 5v.1',
  file: 'M4 1.800h5.500L12.500 5v9.200H4zM9.300 1.800V5h3.200',
  variable: 'M3 3C1.700 6 1.700 10 3 13M13 3c1.300 3 1.300 7 0 10M5.500 5.500c3 0 2 5 5 5M10.500 5.500c-2 0-3 5-5 5',
  drag: 'M6 4h.01M10 4h.01M6 8h.01M10 8h.01M6 12h.01M10 12h.01',
} as const

export type IconName = keyof typeof PATHS

export function Icon({ name, size = 16, ...props }: { name: IconName; size?: number } & SVGProps<SVGSVGElement>) {
  return (
    <svg
      viewBox="0 0 16 16" width={size} height={size} fill="none" stroke="currentColor"
      strokeWidth={name === 'more' || name === 'drag' ? 2 : 1.4}
      strokeLinecap="round" strokeLinejoin="round" aria-hidden="true" focusable="false" {...props}
    >
      <path d={PATHS[name]} />
    </svg>
  )
}
