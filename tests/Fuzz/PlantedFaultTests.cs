// The net catches: bodies with a fault planted in them fail, each by its own property, with a minimised text.
using System.Text;
using Xunit;

namespace SipEmbedded.Fuzz;

public sealed class PlantedFaultTests
{
    private const int Seed = 1;
    private const long Executions = 20_000;

    private delegate ulong Planted(ReadOnlySpan<byte> text);

    private sealed class PlantedBody(Planted planted) : FuzzBody("planted")
    {
        public override List<byte[]> Seeds(int seed) => [.. new[] { "a=b;c", "x, y, z", "12345" }.Select(Encoding.Latin1.GetBytes)];

        public override Outcome Execute(ReadOnlySpan<byte> text)
        {
            var outcome = default(Outcome);
            outcome.AddSize(text.Length);
            outcome.Add(planted(text));
            return outcome;
        }
    }

    private static Failure FailureOf(Planted planted) => Assert.Single(new Campaign(new PlantedBody(planted), Seed).Run(Executions).First);

    [Fact]
    public void An_exception_is_found_and_its_text_minimised()
    {
        var failure = FailureOf(text => text.IndexOf(";;"u8) >= 0 ? throw new InvalidOperationException() : 0UL);
        Assert.StartsWith("no exception: InvalidOperationException", failure.Property);
        Assert.Equal(";;"u8.ToArray(), failure.Input);
    }

    [Fact]
    public void A_property_that_does_not_hold_is_found_by_its_name()
    {
        var failure = FailureOf(text =>
        {
            PropertyViolation.Unless(text.IndexOf((byte)'%') < 0, "planted");
            return 0UL;
        });
        Assert.Equal("planted", failure.Property);
        Assert.Equal("%"u8.ToArray(), failure.Input);
    }

    [Fact]
    public void A_result_that_depends_on_the_octet_behind_the_text_is_found()
    {
        var failure = FailureOf(text => System.Runtime.CompilerServices.Unsafe.Add(
            ref System.Runtime.InteropServices.MemoryMarshal.GetReference(text), text.Length));
        Assert.Contains("behind it", failure.Property, StringComparison.Ordinal);
    }

    [Fact]
    public void An_allocation_is_found()
    {
        var failure = FailureOf(text => text.IndexOf((byte)'%') >= 0 ? (ulong)new byte[text.Length].Length : 0UL);
        Assert.Equal("an execution allocates nothing", failure.Property);
        Assert.Contains((byte)'%', failure.Input);
    }

    [Fact]
    public void What_has_no_fault_does_not_fail() =>
        Assert.Equal(0, new Campaign(new PlantedBody(text => (ulong)text.Length), Seed).Run(Executions).Failures);
}
