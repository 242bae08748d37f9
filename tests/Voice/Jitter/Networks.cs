namespace SipEmbedded.Voice.Tests.Jitter;

/// <summary>Ways of a network to treat packets; each of the same seed does the same again.</summary>
internal static class Networks
{
    public static Network Steady(double delayMs) => (_, sent) => [sent + delayMs];

    /// <summary>Each packet is delayed by up to <paramref name="jitterMs"/> more, so that some overtake others.</summary>
    public static Network Uniform(double jitterMs, int seed, double baseMs = 20)
    {
        var random = new Random(seed);
        return (_, sent) => [sent + baseMs + random.NextDouble() * jitterMs];
    }

    /// <summary>The same in order: a queue that is longer and shorter.</summary>
    public static Network InOrder(double jitterMs, int seed, double baseMs = 20)
    {
        var random = new Random(seed);
        double last = 0;
        return (_, sent) => [last = Math.Max(last, sent + baseMs + random.NextDouble() * jitterMs)];
    }

    /// <summary>Nothing comes for <paramref name="stallMs"/> at each of these times, then all at once.</summary>
    public static Network Stalls(double stallMs, params double[] atMs) =>
        (_, sent) =>
        {
            double end = atMs.Where(at => sent >= at && sent < at + stallMs).Select(at => at + stallMs).FirstOrDefault(sent);
            return [end + 20];
        };

    /// <summary>So many percent are lost, each for itself.</summary>
    public static Network Losing(this Network network, int percent, int seed)
    {
        var random = new Random(seed);
        return (packet, sent) => random.Next(100) < percent ? [] : network(packet, sent);
    }

    /// <summary>So many percent come twice.</summary>
    public static Network Doubling(this Network network, int percent, int seed)
    {
        var random = new Random(seed);
        return (packet, sent) => network(packet, sent).SelectMany(at => random.Next(100) < percent ? new[] { at, at + 15 } : [at]);
    }

    /// <summary>From <paramref name="fromMs"/> on another route is taken, so much longer or shorter.</summary>
    public static Network Rerouted(this Network network, double fromMs, double byMs) =>
        (packet, sent) => network(packet, sent).Select(at => sent < fromMs ? at : at + byMs);
}
