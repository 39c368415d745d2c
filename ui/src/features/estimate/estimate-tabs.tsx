import { Link } from '@tanstack/react-router'

const LOOK = 'flex items-center -outline-offset-2! text-ink2 hover:text-ink data-[on=true]:font-semibold data-[on=true]:text-ink data-[on=true]:shadow-[inset_0_-2px_var(--acc)]'

/** The screens of one estimate. */
export function EstimateTabs({ estimateId, here }: { estimateId: string; here: 'estimate' | 'packages' | 'commercials' | 'content' | 'categories' | 'submission' | 'history' }) {
  const mark = (name: typeof here) => ({ 'data-on': here === name, 'aria-current': here === name ? ('page' as const) : undefined, className: LOOK, activeOptions: { exact: true } })
  return (
    <nav aria-label="Estimate" className="flex min-w-0 items-stretch gap-5 overflow-x-auto overflow-y-hidden whitespace-nowrap">
      <Link to="/estimates/$estimateId" params={{ estimateId }} search={{}} {...mark('estimate')}>Estimate</Link>
      <Link to="/estimates/$estimateId/packages" params={{ estimateId }} {...mark('packages')}>Packages</Link>
      <Link to="/estimates/$estimateId/commercials" params={{ estimateId }} search={{}} {...mark('commercials')}>Commercials</Link>
      <Link to="/estimates/$estimateId/categories" params={{ estimateId }} search={{}} {...mark('categories')}>By category</Link>
      <Link to="/estimates/$estimateId/content" params={{ estimateId }} {...mark('content')}>Offer text</Link>
      <Link to="/estimates/$estimateId/submission" params={{ estimateId }} {...mark('submission')}>Submission</Link>
      <Link to="/estimates/$estimateId" params={{ estimateId }} search={{ tab: 'history' }} {...mark('history')}>History</Link>
    </nav>
  )
}
