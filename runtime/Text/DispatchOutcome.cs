namespace SipEmbedded.Text;

/// <summary>What a generated dispatch found.</summary>
public enum DispatchOutcome : byte
{
    /// <summary>A handler was called.</summary>
    Handled,

    /// <summary>The word is known, but no handler is declared for it: 405 with Allow (RFC 3261 §8.2.1).</summary>
    NotAllowed,

    /// <summary>The word is not known: 501 (RFC 3261 §21.5.2).</summary>
    NotImplemented,
}
