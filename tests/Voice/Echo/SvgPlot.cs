// Curves over time as an SVG picture.
using System.Globalization;
using System.Text;

namespace SipEmbedded.Voice.Tests.Echo;

internal static class SvgPlot
{
    private const int Width = 860, Height = 420, Left = 50, Right = 230, Top = 40, Bottom = 40;

    // Told apart by eyes that do not see red and green alike (Okabe and Ito).
    private static readonly string[] s_colours = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000", "#7F7F7F", "#882255", "#44AA99"];

    public static string Of(string title, string across, string up, List<(string Name, List<(double X, double Y)> Points)> curves)
    {
        double mostX = Math.Ceiling(curves.Max(curve => curve.Points.Max(point => point.X)));
        double mostY = 10 * Math.Ceiling(curves.Max(curve => curve.Points.Max(point => point.Y)) / 10);
        double leastY = 10 * Math.Floor(Math.Min(0, curves.Min(curve => curve.Points.Min(point => point.Y))) / 10);
        var svg = new StringBuilder();
        svg.AppendLine($"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{Width}\" height=\"{Height}\" font-family=\"sans-serif\" font-size=\"12\">");
        svg.AppendLine($"<rect width=\"{Width}\" height=\"{Height}\" fill=\"white\"/><text x=\"{Left}\" y=\"22\" font-size=\"14\">{title}</text>");
        for (double y = leastY; y <= mostY; y += 10)
        {
            svg.AppendLine($"<line x1=\"{Left}\" x2=\"{Width - Right}\" y1=\"{AtY(y)}\" y2=\"{AtY(y)}\" stroke=\"#ddd\"/>");
            svg.AppendLine($"<text x=\"{Left - 6}\" y=\"{AtY(y)}\" text-anchor=\"end\" dominant-baseline=\"middle\">{y} {up}</text>");
        }
        for (double x = 0; x <= mostX; x += 5)
            svg.AppendLine($"<text x=\"{AtX(x)}\" y=\"{Height - Bottom + 18}\" text-anchor=\"middle\">{x} {across}</text>");
        for (int i = 0; i < curves.Count; i++)
        {
            string colour = s_colours[i % s_colours.Length];
            svg.AppendLine($"<polyline fill=\"none\" stroke=\"{colour}\" stroke-width=\"1.5\" points=\"{string.Join(' ', curves[i].Points.Select(point => $"{AtX(point.X)},{AtY(point.Y)}"))}\"/>");
            svg.AppendLine($"<text x=\"{Width - Right + 12}\" y=\"{Top + 8 + 18 * i}\" fill=\"{colour}\">{curves[i].Name}</text>");
        }
        return svg.AppendLine("</svg>").ToString();

        string AtX(double x) => Number(Left + x / mostX * (Width - Left - Right));
        string AtY(double y) => Number(Height - Bottom - (y - leastY) / (mostY - leastY) * (Height - Top - Bottom));
    }

    private static string Number(double value) => value.ToString("0.#", CultureInfo.InvariantCulture);
}
