import { Page } from '~/app/page'

export default function EstimateScreen() {
  return <Page title="Estimate">{null}</Page>
}
