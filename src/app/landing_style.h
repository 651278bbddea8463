#pragma once
#include <string_view>

namespace app {

/// The style sheet of the landing page: the colours and type of the dashboard (web/src/style/page.css).
inline constexpr std::string_view landing_style = R"css(
:root{color-scheme:light dark;--page:light-dark(#f5f6f8,#0f1218);--card:light-dark(#fff,#171b23);
--edge:light-dark(#e3e6eb,#262c37);--ink:light-dark(#171a21,#e9ecf1);--muted:light-dark(#5d6675,#98a2b3);
--accent:light-dark(#3b5bdb,#7c95f5);--soft:light-dark(#dbe2fa,#262f52)}
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--ink);font:16px/1.55 Inter,system-ui,-apple-system,
"Segoe UI",Roboto,sans-serif;font-variant-numeric:tabular-nums;-webkit-text-size-adjust:100%}
main{max-width:760px;margin:0 auto;padding:56px 20px 72px}
h1,h2,p,dl,dd,ul{margin:0}
header{display:flex;gap:18px;align-items:center;margin-bottom:24px}
.icon{flex:none;width:64px;height:64px;border-radius:16px;object-fit:cover;background:var(--soft)}
h1{font-size:30px;font-weight:680;letter-spacing:-.02em;line-height:1.2;overflow-wrap:anywhere}
.about{margin-top:6px;color:var(--muted);overflow-wrap:anywhere}
section{margin-top:14px;padding:20px 22px;border:1px solid var(--edge);border-radius:14px;background:var(--card)}
h2{font-size:15px;font-weight:640;margin-bottom:10px}
.url{display:block;padding:13px 15px;border-radius:10px;background:var(--soft);overflow-wrap:anywhere;
font:600 17px/1.4 ui-monospace,"SF Mono",Menlo,Consolas,monospace;user-select:all}
.note{margin-top:10px;color:var(--muted);font-size:14px}
dl div{display:flex;justify-content:space-between;gap:6px 24px;padding:7px 0;border-top:1px solid var(--edge)}
dl div:first-child{border-top:0}
dt{color:var(--muted)}
dd{min-width:0;font-weight:560;overflow-wrap:anywhere;text-align:right}
.words div{justify-content:flex-start}
.words div{column-gap:12px}
.words dt{flex:none;width:84px}
.words dd{font-weight:400;text-align:left}
.chips{display:flex;flex-wrap:wrap;gap:8px;padding:0;list-style:none}
.chips a{display:block;padding:5px 11px;border-radius:8px;background:var(--soft);color:var(--ink);
font-size:14px;font-weight:560;text-decoration:none}
.chips a:hover{text-decoration:underline}
a{color:var(--accent)}
:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
footer{margin-top:22px;color:var(--muted);font-size:14px;overflow-wrap:anywhere}
@media(max-width:520px){main{padding:28px 12px 48px}section{padding:16px}h1{font-size:24px}
.icon{width:52px;height:52px;border-radius:13px}}
)css";

}  // namespace app
