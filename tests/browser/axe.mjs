// What axe finds in a page.
import AxeBuilder from '@axe-core/playwright';

const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

const CONTRAST = 'color-contrast';

/** The rules that a page breaks, light and dark: both in one visit, for a visit takes longer than axe does. */
export async function violations(page, { without = [] } = {}) {
  const found = [];
  for (const colorScheme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme });
    // What is not about colours is the same in the dark.
    const rules = colorScheme === 'dark' ? [CONTRAST] : [];
    let broken = await judge(page, rules, without);
    // An answer may arrive, and a button come alive, while axe reads colours: what is wrong is wrong twice.
    if (broken.length > 0) broken = await judge(page, rules, without);
    found.push(...broken.map((it) => `${colorScheme}: ${it}`));
  }
  return found;
}

/** The rules that a page breaks apart from colours, which are the same at every width: they take axe longer than all others. */
export const violationsBesideColours = (page) => judge(page, [], [CONTRAST]);

/** The rules that a page breaks as it is now, of some or of all. */
async function judge(page, rules, without) {
  // Colours are judged at rest.
  await page.evaluate(() => {
    const transitions = document.getAnimations().filter((it) => it instanceof CSSTransition);
    return Promise.allSettled(transitions.map((it) => it.finished));
  });
  const axe = new AxeBuilder({ page });
  const { violations } = await (rules.length > 0 ? axe.withRules(rules) : axe.withTags(TAGS).disableRules(without)).analyze();
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.target.join(' ')).join('; ')}`);
}
