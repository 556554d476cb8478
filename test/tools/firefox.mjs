/** The second browser that the tests drive, over WebDriver BiDi; `FIREFOX_PATH` in the environment names another. */
export const FIREFOX_PATH = process.env.FIREFOX_PATH ?? '/usr/bin/firefox-esr'
