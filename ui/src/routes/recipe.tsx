import { Page } from '~/app/page'

export default function RecipeScreen() {
  return <Page title="Recipe">{null}</Page>
}
