// What was heard, held against what was said, piece by piece: each piece of 20 ms is looked for where the last was found, and around it, since jitter buffers
// stretch and shrink what they play, and a peer's recording may pass over what was lost.
namespace SipEmbedded.Interop.Tests.Voice;

/// <summary>How well a voice came over.</summary>
/// <param name="MeanDb">Segment SNR: the mean over 20 ms pieces that are not silent of each one's SNR, held between -10 and 35 dB.</param>
/// <param name="MedianDb">Half of the pieces were better.</param>
/// <param name="KeptPercent">Pieces that were recognised (a correlation of 0.8 at least), of those that are not silent.</param>
/// <param name="Later">By how many samples of <see cref="SoundFile.SampleRate"/> what was heard stands further behind in its recording than in what was said; the median.</param>
internal sealed record Heard(double MeanDb, double MedianDb, double KeptPercent, double Later, int Pieces)
{
    public static readonly Heard Nothing = new(double.NaN, double.NaN, 0, double.NaN, 0);
}

internal sealed class Listening
{
    private const int Rate = SoundFile.SampleRate;
    private const int Piece = Rate / 50;

    // What a search begins with: long enough to be unlike all else, short enough that a lossy network leaves some whole.
    private const int Anchor = Rate / 10;
    private const double AnchorAlike = 0.85;

    // A step of a jitter buffer is a pitch period at most, a lost packet 20 ms; several in a row are looked for further away.
    private const int Near = Rate * 40 / 1000, Far = Rate * 400 / 1000;
    private const double Same = 0.98, Like = 0.9, LikeFarAway = 0.95, Recognised = 0.8;

    private const double BestDb = 35, WorstDb = -10, SilentRms = 100;

    private readonly short[] _heard;
    private readonly double[] _energy;

    private Listening(short[] heard)
    {
        _heard = heard;
        // The energy of all that is before a sample.
        _energy = new double[heard.Length + 1];
        for (int i = 0; i < heard.Length; i++)
            _energy[i + 1] = _energy[i] + (double)heard[i] * heard[i];
    }

    /// <summary>Both at <see cref="SoundFile.SampleRate"/>. What was said before the two are found to run together is not counted.</summary>
    public static Heard Compare(short[] said, short[] heard)
    {
        var listening = new Listening(heard);
        for (int at = Rate / 2; at + Anchor < said.Length; at += Anchor)
        {
            var anchor = said.AsSpan(at, Anchor);
            if (Energy(anchor) < SilentRms * SilentRms * Anchor * 4)
                continue;
            int found = listening.Find(anchor, 0, heard.Length, stride: 2, out double alike);
            if (alike > AnchorAlike)
                return listening.CompareFrom(said, at, found - at);
        }
        return Heard.Nothing;
    }

    private Heard CompareFrom(short[] said, int from, int later)
    {
        var levels = new List<double>();
        var delays = new List<int>();
        int recognised = 0;
        for (int at = from; at + Piece <= said.Length && at + later + Piece + Near <= _heard.Length; at += Piece)
        {
            var piece = said.AsSpan(at, Piece);
            double energy = Energy(piece);
            if (energy < SilentRms * SilentRms * Piece)
                continue;
            int here = at + later;
            double alike = Alike(piece, energy, here, 1);
            if (alike < Same)
            {
                int near = Find(piece, here - Near, here + Near, 1, out double better);
                (here, alike) = better > alike ? (near, better) : (here, alike);
            }
            if (alike < Like)
            {
                int far = Find(piece, here - Far, here + Far, 2, out double better);
                (here, alike) = better > LikeFarAway ? (far, better) : (here, alike);
            }
            recognised += alike >= Recognised ? 1 : 0;
            if (alike >= Like)
            {
                later = here - at;
                delays.Add(later);
            }
            double noise = 0;
            for (int i = 0; i < Piece; i++)
            {
                double difference = piece[i] - (here + i >= 0 && here + i < _heard.Length ? _heard[here + i] : 0);
                noise += difference * difference;
            }
            levels.Add(Math.Clamp(10 * Math.Log10(energy / Math.Max(noise, 1)), WorstDb, BestDb));
        }
        if (delays.Count == 0)
            return Heard.Nothing;
        return new(levels.Average(), Median(levels), 100.0 * recognised / levels.Count, Median(delays.Select(delay => (double)delay)), levels.Count);
    }

    private int Find(ReadOnlySpan<short> piece, int from, int to, int stride, out double alike)
    {
        int best = from;
        alike = -1;
        double energy = Energy(piece);
        for (int at = Math.Max(0, from); at < Math.Min(to, _heard.Length - piece.Length); at++)
        {
            double here = Alike(piece, energy, at, stride);
            if (here > alike)
                (best, alike) = (at, here);
        }
        return best;
    }

    // The correlation; with a stride of every other sample it is a good guess.
    private double Alike(ReadOnlySpan<short> piece, double energy, int at, int stride)
    {
        if (at < 0 || at + piece.Length > _heard.Length)
            return -1;
        double other = _energy[at + piece.Length] - _energy[at];
        if (other < SilentRms)
            return 0;
        long both = 0;
        var heard = _heard.AsSpan(at, piece.Length);
        for (int i = 0; i < piece.Length; i += stride)
            both += piece[i] * heard[i];
        return both * stride / Math.Sqrt(energy * other);
    }

    private static double Energy(ReadOnlySpan<short> sound)
    {
        double sum = 0;
        foreach (short sample in sound)
            sum += (double)sample * sample;
        return sum;
    }

    private static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted[sorted.Length / 2];
    }
}
