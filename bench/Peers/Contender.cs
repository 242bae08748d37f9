// Whoever takes part in a round: a way to run one kind of work over one input a number of times, and the time it took.

namespace SipEmbedded.Bench.Peers;

internal abstract class Contender(string name)
{
    /// <summary>The column's heading, and the name on the command line of the counting runs.</summary>
    public string Name { get; } = name;

    /// <summary>Whether its loop copies the datagram first, in the kernel's stead; the copy's time is then taken off.</summary>
    public bool Copies { get; init; }

    /// <summary>Whether it has a way to do just this work.</summary>
    public abstract bool Does(Work work);

    /// <returns>Nanoseconds for all iterations.</returns>
    /// <exception cref="InvalidOperationException">The parser rejected the input.</exception>
    public abstract double Measure(Work work, int message, byte[] input, long iterations);
}

/// <summary>A peer, or the copy alone, timed inside its shim.</summary>
internal sealed class PeerContender(string name, PeerLibrary library, bool hasParser) : Contender(name)
{
    public override bool Does(Work work) => work == Work.Full || (work == Work.Sdp && hasParser);

    public override double Measure(Work work, int message, byte[] input, long iterations)
    {
        long nanoseconds = library.Run(work, input, iterations);
        return nanoseconds >= 0
            ? nanoseconds
            : throw new InvalidOperationException($"{Name} rejected message {message} ({work}) while being timed.");
    }
}

/// <summary>Our parser as this very program contains it.</summary>
internal sealed class OurContender(string name) : Contender(name)
{
    /// <summary>Managed bytes allocated by the parser since the start, in all its loops.</summary>
    public long AllocatedBytes { get; private set; }

    public override bool Does(Work work) => true;

    public override double Measure(Work work, int message, byte[] input, long iterations)
    {
        OurRun run = OurRun.Measure(work, input, iterations);
        AllocatedBytes += run.AllocatedBytes;
        return run.Nanoseconds;
    }
}
