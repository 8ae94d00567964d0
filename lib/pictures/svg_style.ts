/**
 * How a picture in SVG looks.
 *
 * @module
 */

/** The colours on a light ground: for screens by day, and for paper. */
const LIGHT = "--ground:#fff;--ink:#1b1f24;--dim:#57606a;" +
  "--left:#0b57b0;--left-box:#e3f1ff;--right:#136b2b;--right-box:#e2f8e6;" +
  "--bad:#c01622;--bad-box:#ffebe9";

/** The colours on a dark ground. */
const DARK = "--ground:#0d1117;--ink:#f0f3f6;--dim:#a9b3bf;" +
  "--left:#79b8ff;--left-box:#10253f;--right:#56d364;--right-box:#0f2a19;" +
  "--bad:#ff8e88;--bad-box:#3d1519";

/**
 * The style sheet. `l` and `r` are the sides, `f` is what failed, `e` what is
 * emulated, `w` what waits, `u` what was not recorded.
 */
export const STYLE = `.pic{${LIGHT};background:var(--ground);` +
  `font:17px system-ui,"Segoe UI","Noto Sans","Noto Sans CJK KR",sans-serif}
@media (prefers-color-scheme:dark){.pic{${DARK}}}
@media print{.pic{${LIGHT}}}
.pic text{fill:var(--ink)}
.pic .g{fill:var(--ground)}
.pic .t{font-size:30px;font-weight:700;text-anchor:middle}
.pic .h{font-size:20px;font-weight:600}
.pic .p{font-size:25px;font-weight:700;text-anchor:middle}
.pic .d,.pic .k{text-anchor:middle}
.pic .d,.pic .i,.pic .o{fill:var(--dim)}
.pic .k,.pic .q{text-anchor:middle;paint-order:stroke;` +
  `stroke:var(--ground);stroke-width:5px;stroke-linejoin:round}
.pic .c,.pic .q,.pic .o{` +
  `font-family:ui-monospace,"DejaVu Sans Mono","Noto Sans Mono",Menlo,Consolas,` +
  `"Noto Sans Mono CJK KR",monospace;white-space:pre}
.pic .c{font-size:20px;font-weight:600}
.pic .q{font-size:16px;fill:var(--dim)}
.pic .o{font-size:16px;text-anchor:end}
.pic .i{font-size:16px;font-style:italic}
.pic .l{stroke:var(--left);fill:var(--left-box)}
.pic .r{stroke:var(--right);fill:var(--right-box)}
.pic .f{stroke:var(--bad);fill:var(--bad-box)}
.pic .x{fill:var(--bad)!important}
.pic rect,.pic path,.pic line{stroke-width:2}
.pic .e{stroke-dasharray:7 4}
.pic .v{stroke-width:3}
.pic .u{stroke:var(--dim);fill:var(--ground);stroke-dasharray:3 6}
.pic .wl{fill:url(#pic-wl);stroke:none}
.pic .wr{fill:url(#pic-wr);stroke:none}
.pic .a{stroke:var(--ink);stroke-width:2.5;fill:none}
.pic .b{stroke:var(--bad);stroke-width:2.5;fill:none}
.pic marker path{stroke:none;fill:var(--ink)}
.pic .n{stroke:var(--dim);stroke-dasharray:2 7;stroke-linecap:round}
`;

/** The heads of arrows, and the patterns of what waits. */
export const DEFINITIONS = "<defs>" + arrowHead("a") + arrowHead("b", "x") +
  pattern("l", "left") + pattern("r", "right") + "</defs>";

function arrowHead(kind: string, colour?: string): string {
  return `<marker id="pic-${kind}" viewBox="0 0 12 12" refX="11" refY="6" ` +
    'markerWidth="15" markerHeight="15" markerUnits="userSpaceOnUse" ' +
    'orient="auto-start-reverse">' +
    `<path${colour ? ` class="${colour}"` : ""} d="M0 0 12 6 0 12 3 6z"/>` +
    "</marker>";
}

function pattern(side: string, colour: string): string {
  return `<pattern id="pic-w${side}" width="10" height="10" ` +
    'patternUnits="userSpaceOnUse" patternTransform="rotate(45)">' +
    `<path d="M0 0v10" style="stroke:var(--${colour});stroke-width:3" ` +
    'opacity=".28"/></pattern>';
}
