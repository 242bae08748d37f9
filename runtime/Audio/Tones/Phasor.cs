// A complex number, as far as filters and rotations need one: all in place, in registers.
namespace SipEmbedded.Audio;

/// <summary>A point in the plane that is turned by multiplying it with another.</summary>
internal readonly struct Phasor(double real, double imaginary)
{
    public double Real { get; } = real;

    public double Imaginary { get; } = imaginary;

    public Phasor Conjugate => new(Real, -Imaginary);

    /// <summary>Radians, -π to π.</summary>
    public double Phase => Math.Atan2(Imaginary, Real);

    /// <summary>The square of its length.</summary>
    public double Square => Real * Real + Imaginary * Imaginary;

    /// <summary>Of length 1, at an angle in radians.</summary>
    public static Phasor At(double angle)
    {
        var (sine, cosine) = Math.SinCos(angle);
        return new(cosine, sine);
    }

    public static Phasor operator +(Phasor left, Phasor right) => new(left.Real + right.Real, left.Imaginary + right.Imaginary);

    public static Phasor operator *(Phasor left, Phasor right) =>
        new(left.Real * right.Real - left.Imaginary * right.Imaginary, left.Real * right.Imaginary + left.Imaginary * right.Real);

    public static Phasor operator *(double factor, Phasor right) => new(factor * right.Real, factor * right.Imaginary);
}
