"""What stands around a card: its frame in HTML, the style for screen and A4, the document."""

from __future__ import annotations

from expfam.derivation.explanation import MATH_FONT

CARD = """
<section class="card">
<header><h1>{name}</h1><p>{what}</p><p class="notation">{notation}</p></header>
<div class="definition">{definition}{particular}</div>
<div class="columns"><table>{left}</table><table>{right}</table></div>
<div class="pictures"><figure>{first}</figure><figure>{second}</figure></div>
<table class="derived">{below}</table>
<div class="example"><b>For example</b>{example}</div>
<div class="always"><b>Of every family</b>{always}</div>
<footer>{source}</footer>
</section>
"""

STYLE = (
    """
@page{size:A4 portrait;margin:0}
*{box-sizing:border-box}
html{background:#e9ebee}
body{margin:0;color:#1b1b1b;font:10.5pt/1.35 "Source Serif 4","Iowan Old Style",Palatino,
"DejaVu Serif",Georgia,serif}
.card{width:210mm;height:296.8mm;margin:8mm auto;padding:9mm 15mm 7mm;background:#fff;
display:flex;flex-direction:column;justify-content:space-between;overflow:hidden;
box-shadow:0 1mm 4mm #0003}
header{display:flex;flex-wrap:wrap;align-items:baseline;gap:1mm 5mm;
border-bottom:.6mm solid #0b5cad;padding-bottom:1.5mm}
h1{font-size:25pt;line-height:1;margin:0;font-weight:600}
header p{margin:0}
.notation{margin-left:auto;color:#5a5f66;font-size:9pt}
.definition{background:#eef3fa;border-radius:2mm;padding:3mm 5mm;display:flex;flex-wrap:wrap;
align-items:center;gap:1.2mm 2mm;justify-content:center;font-size:12.5pt}
.columns{display:grid;grid-template-columns:auto auto;gap:4mm}
.columns td{font-size:9.8pt}.columns th{width:18mm}
table{border-collapse:collapse;width:100%;align-self:start}
th{font-weight:400;text-align:left;color:#0b5cad;font-size:8.5pt;line-height:1.15;
vertical-align:top;width:24mm;padding:1.6mm 2mm 1mm 0}
td{padding:1mm 0}
tr+tr>*{border-top:.2mm solid #d5d9df}
td p{margin:.4mm 0}
.pictures{display:grid;grid-template-columns:1fr 1fr;gap:5mm}
figure{margin:0}
svg{display:block;width:100%;font-family:inherit}
.derived th{width:38mm}
.example,.always{display:flex;flex-wrap:wrap;gap:1mm 6mm;align-items:center;font-size:10pt;
border-left:1mm solid #a4133c;padding-left:3mm}
.always{border-color:#0b5cad}
.always b{color:#0b5cad;font-weight:600}
.example b{color:#a4133c;font-weight:600}
footer{color:#5a5f66;font-size:7.5pt;line-height:1.3}
math{font-family:"""
    + MATH_FONT
    + """}
@media screen and (max-width:220mm){.card{width:auto;height:auto;margin:0 0 8mm;padding:6mm 5mm;
gap:4mm}.columns,.pictures{grid-template-columns:minmax(0,1fr)}
.definition{justify-content:start}table{table-layout:fixed}.derived th{width:24mm}
.definition,td p,.example,.always{overflow-x:auto;overflow-y:hidden}}
@media print{html{background:none}.card{margin:0;box-shadow:none;break-after:page}
.card:last-child{break-after:auto}}
"""
)
DOCUMENT = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
{body}
</body>
</html>"""
