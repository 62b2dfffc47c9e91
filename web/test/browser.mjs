// A browser for the tests: Chromium, watched for errors and for requests that leave the server.
import { chromium } from "playwright-core";

export const base = process.env.PAGES_URL;
const executablePath = process.env.CHROMIUM || "/usr/bin/chromium";
const args = ["--no-sandbox", "--disable-quic", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"];

export const launch = () => chromium.launch({ executablePath, args });

/** A page whose console errors, failed scripts and requests to other hosts are collected in `faults`. */
export async function open(browser, options = {}) {
  const context = await browser.newContext({ locale: "en", viewport: { width: 1280, height: 900 }, acceptDownloads: true, ...options });
  const page = await context.newPage();
  const faults = [];
  page.on("console", (message) => { if (message.type() === "error") faults.push(message.text()); });
  page.on("pageerror", (error) => faults.push(error.message));
  page.on("request", (request) => {
    const { protocol, origin } = new URL(request.url());
    if (!["data:", "blob:"].includes(protocol) && origin !== new URL(base).origin) faults.push(`request to ${request.url()}`);
  });
  page.visit = (path) => page.goto(base + path, { waitUntil: "networkidle" });
  return { page, faults, close: () => context.close() };
}
