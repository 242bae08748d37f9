namespace SipEmbedded.Fuzz;

/// <summary>A failure, with what it takes to see it again. <see cref="Input"/> is minimised.</summary>
internal sealed record Failure(string Body, int Seed, long Execution, string Property, byte[] Input)
{
    public override string ToString() =>
        $"{Body}: {Property}\n    seed {Seed}, execution {Execution}; minimised to {Input.Length} octets:\n    {Quoted(Input)}";

    private static string Quoted(byte[] octets) => "\"" + string.Concat(octets.Select(octet => octet switch
    {
        (byte)'\r' => "\\r",
        (byte)'\n' => "\\n",
        (byte)'\t' => "\\t",
        (byte)'"' => "\\\"",
        (byte)'\\' => "\\\\",
        < 0x20 or >= 0x7F => $"\\x{octet:X2}",
        _ => ((char)octet).ToString(),
    })) + "\"";
}

/// <summary>What one body's campaign came to.</summary>
internal sealed class Tally(string body)
{
    public string Body { get; } = body;

    public long Executions;

    public int Seeds;

    /// <summary>Different <see cref="Outcome.Signature"/>s: the campaign's feedback.</summary>
    public int Signatures;

    public int Kept;

    /// <summary>Failed executions; of each property the first stands in <see cref="First"/>.</summary>
    public long Failures;

    public List<Failure> First { get; } = [];
}
