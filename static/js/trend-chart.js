// @ts-check
/**
 * Draws each score over time from the page's data (`#trend-data`). The same figures stand in a table under each
 * picture, so a page on which this does not run lacks a picture and nothing else.
 *
 * @typedef {{ x: number, y: number, date: string }} Point  time in milliseconds, figure, and the day in words
 * @typedef {{ name: string, unit: string, minimum: number | null, maximum: number | null, points: Point[] }} Trend
 */

/** @type {any} */
const Chart = /** @type {any} */ (window).Chart;

// English as in Europe, with the day first, as the server writes it (kommunalpro/formats/en).
const language = document.documentElement.lang === "en" ? "en-GB" : document.documentElement.lang || "da";
const month = new Intl.DateTimeFormat(language, { month: "short", year: "2-digit", timeZone: "UTC" });
const day = new Intl.DateTimeFormat(language, { day: "numeric", month: "short", timeZone: "Europe/Copenhagen" });
const figure = new Intl.NumberFormat(language);

/** More names of months than this stand too close. */
const MOST_MONTHS = 7;
const DAY = 24 * 60 * 60 * 1000;
const calm = window.matchMedia("(prefers-reduced-motion: reduce)").matches;

/** @param {string} name */
function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

/**
 * The first and last moment of the picture, with a little air; a single answer stands in the middle.
 * @param {Point[]} points
 */
function span(points) {
  const first = points[0].x;
  const last = points[points.length - 1].x;
  const air = Math.max((last - first) * 0.03, DAY);
  return { min: first - air, max: last + air, isLong: last - first > 120 * DAY };
}

/**
 * The months that begin between two moments, every second or third of them where they are many.
 * @param {number} min
 * @param {number} max
 */
function monthStarts(min, max) {
  const first = new Date(min);
  const starts = [];
  for (let ahead = 1; ; ahead += 1) {
    const start = Date.UTC(first.getUTCFullYear(), first.getUTCMonth() + ahead, 1);
    if (start > max) break;
    starts.push(start);
  }
  const step = Math.ceil(starts.length / MOST_MONTHS);
  return starts.filter((_start, index) => index % step === 0).map((value) => ({ value }));
}

/**
 * @param {HTMLElement} place
 * @param {Trend} trend
 */
function draw(place, trend) {
  const canvas = place.querySelector("canvas");
  if (!canvas || trend.points.length === 0) return;
  const { min, max, isLong } = span(trend.points);
  place.hidden = false;
  new Chart(canvas, {
    type: "line",
    data: {
      datasets: [
        {
          label: trend.name,
          data: trend.points,
          borderColor: colour("--primary"),
          backgroundColor: colour("--primary"),
          borderWidth: 2,
          pointRadius: trend.points.length > 60 ? 2 : 4,
          pointHoverRadius: 6,
        },
      ],
    },
    options: {
      animation: calm ? false : { duration: 300 },
      maintainAspectRatio: false,
      parsing: false,
      interaction: { mode: "nearest", axis: "x", intersect: false },
      plugins: {
        legend: { display: false },
        tooltip: {
          displayColors: false,
          callbacks: {
            title: (/** @type {any[]} */ hits) => hits[0].raw.date,
            label: (/** @type {any} */ hit) =>
              `${trend.name}: ${figure.format(hit.raw.y)}${trend.unit ? ` ${trend.unit}` : ""}`,
          },
        },
      },
      scales: {
        x: {
          type: "linear",
          min,
          max,
          grid: { display: false },
          afterBuildTicks: (/** @type {any} */ axis) => {
            if (isLong) axis.ticks = monthStarts(min, max);
          },
          ticks: {
            color: colour("--ink-soft"),
            maxTicksLimit: 8,
            maxRotation: 0,
            callback: (/** @type {number} */ moment) => (isLong ? month : day).format(moment),
          },
        },
        y: {
          min: trend.minimum ?? undefined,
          max: trend.maximum ?? undefined,
          grid: { color: colour("--line") },
          ticks: {
            color: colour("--ink-soft"),
            maxTicksLimit: 6,
            callback: (/** @type {number} */ value) => figure.format(value),
          },
        },
      },
    },
  });
}

const stored = document.getElementById("trend-data");
if (stored?.textContent && Chart) {
  /** @type {Trend[]} */
  const trends = JSON.parse(stored.textContent);
  Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;
  Chart.defaults.font.size = 14;
  document.querySelectorAll("[data-trend-chart]").forEach((place) => {
    if (place instanceof HTMLElement) draw(place, trends[Number(place.dataset.trendChart)]);
  });
}
