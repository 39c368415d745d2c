import { Page } from '~/app/page'

export default function RulesScreen() {
  return <Page title="Rules">{null}</Page>
}
